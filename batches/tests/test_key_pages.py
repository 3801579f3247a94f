"""The page of API keys: making one, which shows it once, the list, and the end of one."""

import logging
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import ApiKey, AuditAction, AuditEntry, User
from batches.orders.order import Order
from batches.orders.submit import submit_order
from tests.cast import SignedIn
from tests.counting import count_page_queries

pytestmark = pytest.mark.any_database

LIST, NEW = "/account/keys/", "/account/keys/new/"
TEXT = re.compile(r"iib_[0-9a-f]{12}_[0-9a-f]{48}")
READ = [ApiKey.Scope.BATCHES_READ]


def filled(**fields: Any) -> dict[str, Any]:
    """Return the form of a new key as a browser sends it."""
    return {"name": "Printer", "scopes": ["batches:read"], "submission_key": str(uuid.uuid4()), **fields}


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


@pytest.fixture
def alices(just_signed_in: SignedIn, alice: User) -> Client:
    """Alice's browser, in which she has just signed in."""
    return just_signed_in(alice)


@pytest.fixture
def key(alice: User) -> ApiKey:
    return api_keys.create(alice, "Printer", READ, actor=alice)[0]


# Making one


def test_a_key_is_made_and_opens_the_api(alices: Client, alice: User) -> None:
    answer = alices.post(NEW, filled(last_day=day(3), monthly_credit_limit="250"))
    key = api_keys.find(TEXT.search(answer.content.decode())[0])
    assert (key.user, key.name, key.scopes, key.monthly_credit_limit) == (alice, "Printer", ["batches:read"], 250)
    assert key.expires_at == datetime.fromisoformat(day(4)).replace(tzinfo=UTC)
    assert "no-store" in answer["Cache-Control"]


def test_it_is_shown_in_that_answer_only(alices: Client) -> None:
    form = filled()
    text = TEXT.search(alices.post(NEW, form).content.decode())[0]
    pages = [alices.get(LIST), alices.get(NEW), alices.post(NEW, form)]
    assert [text[17:] in page.content.decode() for page in pages] == [False] * 3
    assert "Keys are only shown once" in pages[-1].content.decode()


def test_its_secret_is_nowhere_else(alices: Client, caplog: Any, django_assert_max_num_queries: Any) -> None:
    with caplog.at_level(logging.DEBUG), django_assert_max_num_queries(40) as queries:
        secret = TEXT.search(alices.post(NEW, filled()).content.decode())[0].rsplit("_", 1)[1]
    assert secret not in caplog.text + str(queries.captured_queries)
    assert secret not in str([session.get_decoded() for session in Session.objects.all()])
    assert mail.outbox == []


def test_the_same_form_sent_twice_makes_one_key(alices: Client) -> None:
    form = filled()
    assert [alices.post(NEW, form).status_code for _ in range(2)] == [200, 422]
    assert ApiKey.objects.count() == AuditEntry.objects.count() == 1


def test_the_same_form_of_two_customers_makes_two(just_signed_in: SignedIn, alices: Client, olga: User) -> None:
    form = filled()
    assert [client.post(NEW, form).status_code for client in (alices, just_signed_in(olga))] == [200, 200]


def test_there_is_an_end_of_keys(alices: Client, alice: User, key: ApiKey) -> None:
    for _ in range(api_keys.MAX_KEYS - 1):
        api_keys.create(alice, "one of many")
    assert "Revoke one first" in alices.post(NEW, filled()).content.decode()
    key.revoke(alice)
    assert alices.post(NEW, filled()).status_code == 200


BAD_INPUT = [
    {"name": ""},
    {"name": "   "},
    {"name": "x" * 101},
    {"name": "two\nlines"},
    {"name": "nul\0"},
    {"name": "turned \u202e round"},
    {"scopes": []},
    {"scopes": ["batches:delete"]},
    {"scopes": ["billing"]},
    {"last_day": day(-1)},
    {"last_day": "9999-12-31"},
    {"last_day": "tomorrow"},
    {"monthly_credit_limit": "0"},
    {"monthly_credit_limit": "-5"},
    {"monthly_credit_limit": "1.5"},
    {"monthly_credit_limit": "9" * 30},
    {"submission_key": "once"},
    {"submission_key": ""},
]


def test_bad_input_makes_no_key(alices: Client) -> None:
    answers = [(fields, alices.post(NEW, filled(**fields))) for fields in BAD_INPUT]
    assert [fields for fields, answer in answers if answer.status_code != 422] == []
    errors = [(fields, answer.context["form"].errors.keys()) for fields, answer in answers]
    assert [(fields, found) for fields, found in errors if found != fields.keys()] == []
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"last_day": day(0)}, {"monthly_credit_limit": "1"}, {"name": "👩‍🚀 Ñandú"}, {"scopes": ["usage:read"]}]
)
def test_what_is_just_good_enough_makes_one(alices: Client, fields: dict[str, Any]) -> None:
    assert alices.post(NEW, filled(**fields)).status_code == 200
    assert ApiKey.objects.get().is_usable


def test_operators_may_take_payments_whatever_their_plan(just_signed_in: SignedIn, olga: User) -> None:
    assert just_signed_in(olga).post(NEW, filled(scopes=["billing"])).status_code == 200


def test_where_operators_need_a_second_factor_a_key_that_takes_payments_does_too(
    just_signed_in: SignedIn, olga: User, settings: Any
) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    assert just_signed_in(olga).post(NEW, filled(scopes=["billing"])).status_code == 422
    assert not ApiKey.objects.exists()


# Who may


def test_who_signed_in_long_ago_is_asked_first(signed_in: SignedIn, alice: User) -> None:
    for answer in (signed_in(alice).get(NEW), signed_in(alice).post(NEW, filled())):
        assert answer.url == "/accounts/reauthenticate/code/?next=%2Faccount%2Fkeys%2Fnew%2F"
    assert not ApiKey.objects.exists()


def test_the_form_that_was_sent_too_late_is_taken_up_after_the_question(
    signed_in: SignedIn, alice: User, mailoutbox: list[Any]
) -> None:
    client = signed_in(alice)
    asked = client.post(NEW, filled()).url
    confirm = client.post(asked, {"recipient": alice.email, "next": NEW}).url
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mailoutbox[0].body, re.M)[0]
    answer = client.post(confirm, {"code": code, "next": NEW})
    assert api_keys.find(TEXT.search(answer.content.decode())[0]).name == "Printer"
    assert "no-store" in answer["Cache-Control"]


def test_the_page_says_that_the_plan_has_no_api(just_signed_in: SignedIn, bob: User) -> None:
    bobs = just_signed_in(bob)
    page = bobs.get(LIST).content.decode()
    assert "Your plan does not include API access" in page
    assert NEW not in page
    assert bobs.post(NEW, filled()).url == LIST
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("path", [LIST, NEW, "/account/usage/"])
def test_visitors_are_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).url.startswith(reverse("account_login"))


# The list


def test_the_list_shows_what_each_key_may_do(alices: Client, alice: User) -> None:
    api_keys.create(alice, "<b>bold</b>", ["batches:read", "usage:read"], monthly_credit_limit=250)
    page = alices.get(LIST).content.decode()
    assert "&lt;b&gt;bold" in page
    assert "<code>batches:read</code><code>usage:read</code>" in page
    assert "0 of 250 credits this month" in page
    assert "Never used." in page


def test_it_shows_what_is_used_of_the_limit(alices: Client, alice: User, make_order: Callable[..., Order]) -> None:
    key, _ = api_keys.create(alice, "Printer", monthly_credit_limit=10)
    submit_order(alice, make_order(3, "medium"), uuid.uuid4(), key)
    assert "6 of 10 credits this month" in alices.get(LIST).content.decode()


def test_ended_keys_stay_in_it(alices: Client, alice: User, key: ApiKey) -> None:
    key.revoke(alice)
    api_keys.create(alice, "late", expires_at=timezone.now() - timedelta(seconds=1))
    context = alices.get(LIST).context
    assert (context["usable"], [each.name for each in context["ended"]]) == ([], ["late", "Printer"])


def test_it_shows_who_changed_what(alices: Client, olga: User, key: ApiKey) -> None:
    key.revoke(olga)
    page = alices.get(LIST).content.decode()
    assert [entry.action for entry in alices.get(LIST).context["page"]] == ["key_revoked", "key_created"]
    assert "An operator" in page
    assert olga.email not in page


def test_others_keys_are_not_in_it(just_signed_in: SignedIn, bob: User, key: ApiKey) -> None:
    page = just_signed_in(bob).get(LIST)
    assert key.public_id not in page.content.decode()


def test_it_takes_as_many_queries_for_many_keys_as_for_few(alices: Client, alice: User) -> None:
    api_keys.create(alice, "first", monthly_credit_limit=5)
    few = count_page_queries(alices, LIST)
    for number in range(8):
        api_keys.create(alice, f"number {number}", monthly_credit_limit=5, actor=alice)[0].touch()
    assert count_page_queries(alices, LIST) == few


# Another name for one


def test_a_key_is_renamed_and_that_is_on_record(alices: Client, alice: User, key: ApiKey) -> None:
    page = alices.post(f"{LIST}{key.public_id}/name/", {"name": "Scanner"}, follow=True).content.decode()
    assert "Key renamed to “Scanner”." in page
    assert ApiKey.objects.get().name == "Scanner"
    entry = AuditEntry.objects.of(alice).first()
    assert (entry.action, entry.note, entry.actor) == ("key_renamed", "Printer → Scanner", alice)


def test_the_same_name_changes_nothing(alices: Client, key: ApiKey) -> None:
    assert alices.post(f"{LIST}{key.public_id}/name/", {"name": "Printer"}).url == LIST
    assert not AuditEntry.objects.filter(action="key_renamed").exists()


@pytest.mark.parametrize("name", ["", "x" * 101, "a\u202eb"])
def test_a_name_that_no_key_can_have_is_refused(alices: Client, key: ApiKey, name: str) -> None:
    assert alices.post(f"{LIST}{key.public_id}/name/", {"name": name}).status_code == 422
    assert ApiKey.objects.get().name == "Printer"


# The end of one


def test_a_key_is_revoked(alices: Client, alice: User, key: ApiKey) -> None:
    answer = alices.post(f"{LIST}{key.public_id}/revoke/", follow=True)
    assert "” revoked." in answer.content.decode()
    key.refresh_from_db()
    assert not key.is_usable
    assert AuditEntry.objects.of(alice).first().action == AuditAction.KEY_REVOKED


def test_revoking_twice_leaves_one_entry(alices: Client, key: ApiKey) -> None:
    for _ in range(2):
        assert alices.post(f"{LIST}{key.public_id}/revoke/").url == LIST
    assert AuditEntry.objects.filter(action="key_revoked").count() == 1


def test_looking_revokes_nothing(alices: Client, key: ApiKey) -> None:
    assert alices.get(f"{LIST}{key.public_id}/revoke/").status_code == 405


@pytest.mark.parametrize("person", ["charlie", "olga"])
def test_keys_of_others_are_not_found(signed_in: SignedIn, key: ApiKey, person: str, request: Any) -> None:
    client = signed_in(request.getfixturevalue(person))
    assert client.post(f"{LIST}{key.public_id}/revoke/").status_code == 404
    assert client.post(f"{LIST}{key.public_id}/name/", {"name": "mine"}).status_code == 404
    assert client.get("/account/usage/", {"key": key.public_id}).status_code == 404
    key.refresh_from_db()
    assert key.is_usable


@pytest.mark.parametrize("unknown", ["0" * 12, "x", "é", "iib_1", "0" * 500])
def test_unknown_keys_are_not_found(alices: Client, unknown: str) -> None:
    assert alices.post(f"{LIST}{unknown}/revoke/").status_code == 404
    assert alices.get("/account/usage/", {"key": unknown}).status_code == 404
