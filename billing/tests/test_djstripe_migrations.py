"""dj-stripe's tables are made by our one migration: it must be what dj-stripe's own would make."""

import io
from importlib.metadata import version
from pathlib import Path

import djstripe
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from djstripe.settings import DjstripeSettings

from billing.stripe.djstripe_migrations import __name__ as ours

MOVED_ON = "dj-stripe has moved on: make the squash again (docs/decisions/0011)"


def own_migrations() -> set[str]:
    return {path.stem for path in Path(djstripe.__path__[0], "migrations").glob("0*.py")}


def test_the_squash_replaces_exactly_dj_stripes_own_migrations() -> None:
    module = __import__(f"{ours}.0001_squashed_0003_2_11", fromlist=["Migration"])
    assert {name for _, name in module.Migration.replaces} == own_migrations(), MOVED_ON


@pytest.mark.django_db
def test_the_models_of_dj_stripe_are_those_of_the_squash() -> None:
    output = io.StringIO()
    call_command("makemigrations", "djstripe", dry_run=True, stdout=output)
    assert "No changes" in output.getvalue(), MOVED_ON


@pytest.mark.django_db
def test_each_field_of_dj_stripes_models_has_its_column() -> None:
    for model in apps.get_app_config("djstripe").get_models(include_auto_created=True):
        assert list(model._base_manager.all()) == []


@pytest.mark.django_db
def test_a_fresh_database_counts_dj_stripes_own_migrations_as_applied() -> None:
    applied = {name for app, name in MigrationRecorder(connection).applied_migrations() if app == "djstripe"}
    assert own_migrations() <= applied


def test_our_calls_speak_the_version_of_dj_stripes_mirror(settings: object) -> None:
    assert settings.STRIPE_API_VERSION == DjstripeSettings.DEFAULT_STRIPE_API_VERSION, MOVED_ON


def test_the_version_is_the_one_that_was_tried_out() -> None:
    assert version("dj-stripe") == "2.11.0", MOVED_ON
