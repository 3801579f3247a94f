"""Operators suspend an account, and lift the suspension."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.keys import api_keys
from accounts.models import AuditAction, AuditEntry, User
from batches.choices import BatchStatus
from batches.models import Batch
from billing.payments import erasure
from billing.payments.refunding import StripeError
from operations.customers import suspension
from tests.cast import MakeBatch, SignedIn

PASSWORD = "a violin under the stairs"
Do = Callable[..., Any]


def page(user: User, name: str = "change") -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


@pytest.fixture
def suspend(olgas: Client, django_capture_on_commit_callbacks: Any) -> Callable[..., str]:
    """Return what suspends an account and returns the page that follows; mails are sent."""

    def suspending(user: User, reason: str = "spam") -> str:
        with django_capture_on_commit_callbacks(execute=True):
            return olgas.post(page(user, "suspend"), {"reason": reason}, follow=True).content.decode()

    return suspending


@pytest.fixture
def lift(olgas: Client, django_capture_on_commit_callbacks: Any) -> Callable[[User], None]:
    def lifting(user: User) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            olgas.post(page(user, "lift"))

    return lifting


def test_the_customers_browser_is_signed_out(suspend: Do, alice: User, signed_in: SignedIn) -> None:
    alices = signed_in(alice)
    suspend(alice)
    assert alices.get(reverse("batches:list")).status_code == 302


def test_signing_in_leads_to_the_page_that_says_why(suspend: Do, alice: User, client: Client) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    suspend(alice)
    answer = client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD}, follow=True)
    assert "You can’t use this account" in answer.content.decode()


def test_a_session_from_before_stays_ended_after_the_suspension(
    suspend: Do, lift: Do, alice: User, signed_in: SignedIn
) -> None:
    alices = signed_in(alice)
    suspend(alice)
    lift(alice)
    assert alices.get(reverse("batches:list")).status_code == 302
    assert signed_in(User.objects.get(pk=alice.pk)).get(reverse("batches:list")).status_code == 200


def test_keys_are_refused_until_it_is_lifted(suspend: Do, lift: Do, alice: User, client: Client) -> None:
    _, text = api_keys.create(alice, "a program")
    ask = {"path": "/api/v1/models", "headers": {"Authorization": f"Bearer {text}"}}
    suspend(alice)
    assert client.get(**ask).status_code == 401
    lift(alice)
    assert client.get(**ask).status_code == 200


def test_batches_are_paused_and_wait_for_the_customer(
    suspend: Do, lift: Do, alice: User, olga: User, make_batch: MakeBatch
) -> None:
    batch = make_batch(alice)
    suspend(alice)
    lift(alice)
    assert Batch.objects.get(pk=batch.pk).status == BatchStatus.PAUSED
    assert batch.events.first().actor == olga


def test_the_reason_is_mailed_recorded_and_shown_to_operators(
    suspend: Do, alice: User, olga: User, mailoutbox: list[Any]
) -> None:
    shown = suspend(alice, "spam from a stolen card")
    assert mailoutbox[0].to == [alice.email]
    assert "spam from a stolen card" in mailoutbox[0].body
    entry = AuditEntry.objects.get(action=AuditAction.SUSPENDED)
    assert (entry.user, entry.actor, entry.note) == (alice, olga, "spam from a stolen card")
    assert "This account is suspended." in shown
    assert "spam from a stolen card" in shown


def test_a_reason_is_needed(suspend: Do, alice: User) -> None:
    assert "This field is required." in suspend(alice, "")
    alice.refresh_from_db()
    assert alice.is_active


def test_the_end_of_a_suspension_is_mailed_and_recorded(
    suspend: Do, lift: Do, alice: User, mailoutbox: list[Any]
) -> None:
    suspend(alice)
    lift(alice)
    assert "no longer suspended" in mailoutbox[1].body
    assert AuditEntry.objects.filter(user=alice, action=AuditAction.REINSTATED).count() == 1


def test_suspending_or_lifting_twice_mails_once(suspend: Do, lift: Do, alice: User, mailoutbox: list[Any]) -> None:
    for act in (suspend, suspend, lift, lift):
        act(alice)
    assert len(mailoutbox) == 2


def test_operators_read_that_stripe_could_not_be_reached(
    suspend: Do, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(user: User) -> int:
        raise StripeError("Stripe is down.")

    monkeypatch.setattr(erasure, "end_subscriptions", unreachable)
    assert "its subscription continues. Cancel it in Stripe: Stripe is down." in suspend(alice)
    alice.refresh_from_db()
    assert not alice.is_active


def test_nobody_suspends_themselves(suspend: Do, olga: User) -> None:
    suspend(olga)
    olga.refresh_from_db()
    assert olga.is_active


def test_only_a_suspended_account_has_a_reason(alice: User, olga: User) -> None:
    suspension.suspend(alice, actor=olga, reason="spam")
    assert suspension.last_suspension(alice).note == "spam"
    suspension.lift(alice, actor=olga)
    alice.refresh_from_db()
    assert suspension.last_suspension(alice) is None


def test_sign_out_everywhere_ends_all_sessions_and_mails_the_customer(
    olgas: Client, alice: User, signed_in: SignedIn, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    alices = signed_in(alice)
    with django_capture_on_commit_callbacks(execute=True):
        olgas.post(page(alice, "sign_out"))
    assert alices.get(reverse("batches:list")).status_code == 302
    assert "All sessions" in mailoutbox[0].body
    assert AuditEntry.objects.filter(user=alice, action=AuditAction.SESSION_ENDED).exists()


@pytest.mark.parametrize(("name", "field"), [("account_login", "login"), ("account_reset_password", "email")])
def test_asking_for_a_code_mails_that_the_account_is_suspended(
    suspend: Do, alice: User, client: Client, mailoutbox: list[Any], name: str, field: str
) -> None:
    suspend(alice)
    client.post(reverse(name), {field: alice.email})
    assert "This account is suspended" in mailoutbox[-1].body
    assert "There’s no account" not in mailoutbox[-1].body
    assert AuditEntry.objects.get(action=AuditAction.SIGN_IN_FAILED).user == alice
