"""What the settings make of the environment: which services are real and which are stood in for."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.site_settings import settings_with

TEST_KEY, LIVE_KEY = "sk_test_" + "a" * 24, "sk_live_" + "a" * 24
HERE, ELSEWHERE = "http://127.0.0.1:8000", "https://images.example.com"


def services(monkeypatch: pytest.MonkeyPatch, openai: str, stripe: str, site: str) -> tuple[bool, bool, bool]:
    """Return whether OpenAI and Stripe are stood in for, and whether anything is sold."""
    variables = {"OPENAI_API_KEY": openai, "STRIPE_SECRET_KEY": stripe, "SITE_URL": site, "STRIPE_API_HOST": ""}
    found = settings_with(monkeypatch, **variables)
    return found["SANDBOX"], found["STRIPE_SANDBOX"], found["STRIPE_ENABLED"]


@pytest.mark.parametrize(
    ("openai", "stripe", "site", "sandbox_stripe_sandbox_enabled"),
    [
        ("", "", HERE, (True, True, True)),
        ("", TEST_KEY, HERE, (True, False, True)),
        ("sk-real", "", HERE, (False, True, True)),
        ("sk-real", TEST_KEY, HERE, (False, False, True)),
        ("sk-real", LIVE_KEY, ELSEWHERE, (False, False, True)),
        # Nobody gets real pictures for play money over the network.
        ("sk-real", "", ELSEWHERE, (False, False, False)),
        ("sk-real", "", "http://images.example.com", (False, False, False)),
    ],
)
def test_a_service_without_a_key_is_stood_in_for(
    monkeypatch: pytest.MonkeyPatch, openai: str, stripe: str, site: str, sandbox_stripe_sandbox_enabled: Any
) -> None:
    assert services(monkeypatch, openai, stripe, site) == sandbox_stripe_sandbox_enabled


def test_real_money_for_the_sandboxs_pictures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="customers would pay for the sandbox's pictures"):
        services(monkeypatch, "", LIVE_KEY, ELSEWHERE)


@pytest.mark.parametrize(
    ("site", "hosts"), [(ELSEWHERE, {"images.example.com"}), (HERE, {"127.0.0.1", "localhost", "[::1]"})]
)
def test_loopback_names_are_answered_only_where_the_site_is_not_public(
    monkeypatch: pytest.MonkeyPatch, site: str, hosts: set[str]
) -> None:
    assert set(settings_with(monkeypatch, SITE_URL=site)["ALLOWED_HOSTS"]) == hosts


@pytest.mark.parametrize(("site", "count"), [(ELSEWHERE, 1), (HERE, 0)])
def test_only_a_public_site_believes_a_proxy(monkeypatch: pytest.MonkeyPatch, site: str, count: int) -> None:
    assert settings_with(monkeypatch, SITE_URL=site)["ALLAUTH_TRUSTED_PROXY_COUNT"] == count


def test_what_a_clone_stores_is_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings_with(monkeypatch, VAR_DIR=str(tmp_path / "var"))
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
