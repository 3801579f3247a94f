import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.authorisation.askers import browsers, make_people, programs
from tests.authorisation.requests import Site
from tests.authorisation.things import make_things


@pytest.fixture(scope="module")
def made_once(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The cast and its things, made in a transaction that never ends well."""
    media = tmp_path_factory.mktemp("media")
    mine = override_settings(MEDIA_ROOT=str(media), EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    with django_db_blocker.unblock(), mine, transaction.atomic():
        people = make_people()
        places = make_things(people)
        yield Site({**browsers(people), **programs(people)}, places, media)
        transaction.set_rollback(True)


@pytest.fixture
def site(made_once: Site, settings: Any) -> Iterator[Site]:
    settings.MEDIA_ROOT = str(made_once.media)
    settings.ADMIN_REQUIRES_MFA = True
    settings.SOCIALACCOUNT_PROVIDERS = {
        name: {"APPS": [{"client_id": "an id", "secret": "a secret"}]} for name in ("google", "microsoft")
    }
    # A line and a traceback for each refusal would hide what a failing test says.
    logging.disable()
    yield made_once
    logging.disable(logging.NOTSET)
