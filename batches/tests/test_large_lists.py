"""What a form with a list may be, how often it is taken, and what becomes of lists far above the limits."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from batches import forms
from batches.lists import parsing
from batches.models import Batch
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

NEW, BILL = reverse("batches:new"), reverse("batches:bill")
LOOK = 'class="brand"'


class Unread:
    """The body of a request that must be refused without looking at it."""

    def read(self, *size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def announce(client: Client, path: str, byte_count: int) -> Any:
    """Announce a body of that size, which nobody may read."""
    headers = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(byte_count)}
    return client.generic("POST", path, **headers, **{"wsgi.input": Unread()})


@pytest.fixture(autouse=True)
def _without_the_reader_of_refused_bodies(settings: Any) -> None:
    """Only views and forms read here. What they leave is read after the response."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("UnreadBodyMiddleware")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the limits ten seconds before a minute ends."""
    monkeypatch.setattr("rest.request_limits.time", SimpleNamespace(time=lambda: 1_800_000_050.0))


@pytest.mark.parametrize("path", [NEW, BILL])
def test_a_list_of_nobody_is_not_read(db: None, path: str) -> None:
    # The check of the token is what reads a body first.
    answer = announce(Client(enforce_csrf_checks=True), path, 30_000_000)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("path", ["/accounts/login/", "/account/billing/portal/", "/i18n/setlang/", "/admin/login/"])
def test_any_other_form_is_not_read_above_a_megabyte(alices: Client, path: str) -> None:
    answer = announce(alices, path, 1_000_001)
    assert answer.status_code == 413
    assert "The limit is 1 MB." in answer.content.decode()
    assert LOOK in answer.content.decode()


@pytest.mark.parametrize(("name", "megabytes"), [("alice", 40), ("bob", 27)])
def test_a_list_is_as_large_as_the_plan_takes(
    request: pytest.FixtureRequest, signed_in: SignedIn, name: str, megabytes: int
) -> None:
    browser = signed_in(request.getfixturevalue(name))
    answer = announce(browser, NEW, megabytes * 1_000_000 + 1)
    assert answer.status_code == 413
    assert f"The limit is {megabytes} MB." in answer.content.decode()
    with pytest.raises(AssertionError, match="the body was read"):
        announce(browser, NEW, megabytes * 1_000_000)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("path", "taken"), [(NEW, 1), (BILL, 3)])
def test_who_sends_too_much_in_a_minute_waits(
    alices: Client, bobs: Client, form: dict[str, Any], path: str, taken: int
) -> None:
    for _ in range(taken):
        with pytest.raises(AssertionError, match="the body was read"):
            announce(alices, path, 39_000_000)
    refused = announce(alices, path, 39_000_000)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert LOOK in refused.content.decode()
    assert "Wait 10 seconds" in refused.content.decode()
    assert bobs.post(path, form).status_code in (200, 302)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("path", "status", "taken"), [(NEW, 200, 120), (BILL, 422, 240)])
def test_short_lists_are_counted_too(alices: Client, alice: User, path: str, status: int, taken: int) -> None:
    for _ in range(taken - 1):
        resolve(path).func.large_form.count(alice, byte_count=100)
    assert [alices.post(path, {}).status_code for _ in range(2)] == [status, 429]


def test_a_list_of_far_too_many_lines_is_refused_unread(alices: Client, form: dict[str, Any]) -> None:
    answer = alices.post(NEW, {**form, "prompts": "a secret cat\n" * 10_001})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This list has 10,001 lines" in page
    assert "a secret cat" not in page
    assert "Split it and paste it again" in page


def test_a_list_with_a_prompt_that_no_browser_lays_out_is_not_shown_again(alices: Client, form: dict[str, Any]) -> None:
    page = alices.post(NEW, {**form, "prompts": "secret " * 50_000}).content.decode()
    assert "The limit is 32,000" in page
    assert "secret secret" not in page


def test_a_list_that_needs_a_change_is_shown_again(alices: Client, form: dict[str, Any]) -> None:
    page = alices.post(NEW, {**form, "prompts": "secret " * 5_000}).content.decode()
    assert "secret secret" in page
    assert "Split it and paste it again" not in page


@pytest.mark.parametrize(("path", "status"), [(NEW, 302), (f"{BILL}?fragment=1", 200), (BILL, 200)])
def test_a_list_is_read_once_and_its_names_are_made_once(
    alices: Client, form: dict[str, Any], path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    for module, name in ((parsing, "read_lists"), (forms, "Order")):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, _o=original, _n=name, **k: calls.append(_n) or _o(*a, **k))
    assert alices.post(path, form).status_code == status
    assert calls == ["read_lists", "Order"]


@pytest.mark.parametrize("field", ["title", "style", "model", "quality", "format", "ratio", "submission_key"])
def test_no_other_field_takes_a_long_text(alices: Client, form: dict[str, Any], field: str) -> None:
    answer = alices.post(NEW, {**form, field: "x\n" * 400_000})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Batch.objects.exists()


def test_the_bill_has_the_start_of_a_long_prompt(alices: Client, form: dict[str, Any], alice: User) -> None:
    page = alices.post(f"{BILL}?fragment=1", {**form, "prompts": "e\u0301" * 15_000}).content.decode()
    assert page.count("e\u0301") < 300
