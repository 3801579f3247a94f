"""The headers of every address of the site, for every kind of user. New addresses are included automatically."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from batches.models import Batch
from tests.cast import MakeBatch, SignedIn, deliver_next
from tests.every_url import every_path

pytestmark = pytest.mark.any_database

EXAMPLES = {"app_label": "batches", "file": "batch.py"}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: What may be stored when no user is signed in.
PUBLIC = {
    "/",
    "/pricing/",
    "/terms/",
    "/privacy/",
    "/refunds/",
    "/contact/",
    "/.well-known/change-password",
    "/.well-known/security.txt",
    "/api/v1/docs",
    "/api/v1/examples",
    "/api/v1/examples/batch.py",
    "/i18n/setlang/",
    # 404 without the token, 405 for a GET: nothing is in them.
    "/metrics",
    "/replicate/webhook/",
}


@pytest.fixture
def batch(olga: User, make_batch: MakeBatch) -> Batch:
    made = make_batch(olga)
    deliver_next(made)
    return made


@pytest.fixture
def paths(batch: Batch) -> list[str]:
    return every_path({**EXAMPLES, "batch_id": str(batch.pk)})


def answers_to(client: Client, paths: list[str]) -> dict[str, Any]:
    """Return what each address answers to a GET, errors included, having looked at the headers that all must have."""
    client.raise_request_exception = False
    answers = {path: client.get(path) for path in paths}
    for path, answer in answers.items():
        answer.getvalue()  # which closes the files that are sent
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, path
        assert "camera=()" in answer.headers["Permissions-Policy"], path
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, path
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        # One that is deleted has no content to protect.
        for cookie in filter(lambda cookie: cookie["max-age"] != 0, answer.cookies.values()):
            assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/"), (path, cookie.key)
    return answers


def stored(answers: dict[str, Any]) -> dict[str, str]:
    """Return the cache rule of each answer that may be stored."""
    rules = {path: answer.headers.get("Cache-Control", "") for path, answer in answers.items()}
    return {path: rule for path, rule in rules.items() if "no-store" not in rule}


def test_nothing_that_somebody_signed_in_sees_is_stored(
    paths: list[str], batch: Batch, olga: User, signed_in: SignedIn
) -> None:
    image = reverse("batches:image", args=[batch.pk, 1])
    rules = {image: "private, no-cache", reverse("security_txt"): "public, max-age=86400"}
    assert stored(answers_to(signed_in(olga), paths)) == rules


def test_without_a_session_only_public_pages_may_be_stored(paths: list[str], client: Client) -> None:
    found = stored(answers_to(client, paths))
    assert {path for path in found if not path.startswith("/stripe/")} == PUBLIC


@pytest.mark.parametrize("path", ["account", "models", "usage", "batches", "batches/{}", "batches/{}/zip", "nothing"])
def test_an_answer_to_a_program_is_stored_by_no_one_else(path: str, batch: Batch, olga: User) -> None:
    _, key = api_keys.create(olga, "test", ApiKey.Scope.values)
    answer = Client().get(f"/api/v1/{path.format(batch.pk)}", headers={"Authorization": f"Bearer {key}"})
    assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")


def test_errors_have_the_headers_too(client: Client, settings: Any, db: None) -> None:
    settings.ALLOWED_HOSTS = ["images.example.com"]
    answers = [client.get("/"), client.get("/accounts/nothing/", HTTP_HOST="images.example.com")]
    assert [answer.status_code for answer in answers] == [400, 404]
    assert all(ALWAYS.items() <= answer.headers.items() for answer in answers)


def test_static_files_have_the_headers_too_and_may_be_cached(settings: Any, olga: User, signed_in: SignedIn) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = signed_in(olga).get("/static/icon.svg")
    answer.getvalue()
    assert ALWAYS.items() <= answer.headers.items()
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "public" in answer.headers["Cache-Control"]


def test_the_authenticators_secret_is_not_stored(just_signed_in: SignedIn, bob: User) -> None:
    answer = just_signed_in(bob).get(reverse("mfa_activate_totp"))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
