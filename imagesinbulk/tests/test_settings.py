"""What the settings make of the environment: which services are real and which are stood in for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT

TEST_KEY, LIVE_KEY = "sk_test_" + "a" * 24, "sk_live_" + "a" * 24
HERE, ELSEWHERE = "http://127.0.0.1:8000", "https://images.example.com"
SHOWN = "from django.conf import settings as s; print(s.SANDBOX, s.STRIPE_SANDBOX, s.STRIPE_ENABLED)"


def settings_with(openai: str, stripe: str, site: str) -> subprocess.CompletedProcess[str]:
    variables = {"OPENAI_API_KEY": openai, "STRIPE_SECRET_KEY": stripe, "SITE_URL": site, "STRIPE_API_HOST": ""}
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "imagesinbulk.settings", **variables}
    return subprocess.run([sys.executable, "-c", SHOWN], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("openai", "stripe", "site", "sandbox_stripe_sandbox_enabled"),
    [
        ("", "", HERE, "True True True"),
        ("", TEST_KEY, HERE, "True False True"),
        ("sk-real", "", HERE, "False True True"),
        ("sk-real", TEST_KEY, HERE, "False False True"),
        ("sk-real", LIVE_KEY, ELSEWHERE, "False False True"),
        # Nobody gets real pictures for play money over the network.
        ("sk-real", "", ELSEWHERE, "False False False"),
        ("sk-real", "", "http://images.example.com", "False False False"),
    ],
)
def test_a_service_without_a_key_is_stood_in_for(
    openai: str, stripe: str, site: str, sandbox_stripe_sandbox_enabled: str
) -> None:
    assert settings_with(openai, stripe, site).stdout.strip() == sandbox_stripe_sandbox_enabled


def test_real_money_for_the_sandboxs_pictures_is_refused() -> None:
    assert "customers would pay for the sandbox's pictures" in settings_with("", LIVE_KEY, ELSEWHERE).stderr


def shown(expression: str, **environment: str) -> str:
    script = f"from django.conf import settings as s; print({expression})"
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "imagesinbulk.settings", **environment}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(("site", "hosts"), [(ELSEWHERE, "['images.example.com']"), (HERE, "['127.0.0.1', ")])
def test_loopback_names_are_answered_only_where_the_site_is_not_public(site: str, hosts: str) -> None:
    assert shown("s.ALLOWED_HOSTS", SITE_URL=site).startswith(hosts)


@pytest.mark.parametrize(("site", "count"), [(ELSEWHERE, "1"), (HERE, "0")])
def test_only_a_public_site_believes_a_proxy(site: str, count: str) -> None:
    assert shown("s.ALLAUTH_TRUSTED_PROXY_COUNT", SITE_URL=site) == count


def test_what_a_clone_stores_is_for_its_owner_alone(tmp_path: Path) -> None:
    shown("s.DEBUG", VAR_DIR=str(tmp_path / "var"))
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
