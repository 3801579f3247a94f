"""Mails about money: sent once the books are, in the customer's language, with what they need to know."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from billing.models import Membership, SentEmail
from billing.payments import emails, settlement
from billing.stripe import client

pytestmark = pytest.mark.any_database

ENDING, FAILED = "billing/email/subscription_ending", "billing/email/payment_failed"
DAY = datetime(2026, 12, 21, 10, tzinfo=UTC)
Commit = Any


@pytest.fixture
def sent(django_capture_on_commit_callbacks: Commit) -> Callable[..., mail.EmailMessage]:
    """Send an email and return it."""

    def _sent(send: Callable[..., None], *given: Any, **terms: Any) -> mail.EmailMessage:
        with django_capture_on_commit_callbacks(execute=True):
            send(*given, **terms)
            assert mail.outbox == [], "sent before the transaction is over"
        return mail.outbox[0]

    return _sent


def test_a_receipt_says_what_was_paid_and_until_when(bob: User, sent: Any) -> None:
    email = sent(emails.receipt, bob, 250, paid=500, currency="usd", expires_at=DAY)
    assert (email.subject, email.to) == ("Receipt: 250 credits", [bob.email])
    assert "We’ve received your payment of $5.00 and added 250 credits to your account." in email.body
    assert "Use them before Dec. 21, 2026." in email.body
    assert "/account/billing/" in email.body


def test_a_receipt_of_a_pack_says_that_it_stays(bob: User, sent: Any) -> None:
    assert "They never expire." in sent(emails.receipt, bob, 100, paid=300, currency="usd").body


def test_a_receipt_of_a_gift_speaks_of_no_payment(bob: User, sent: Any) -> None:
    assert "There was nothing to pay." in sent(emails.receipt, bob, 250, paid=0, currency="usd").body


def test_the_email_about_a_failed_payment_says_what_happens_next_and_where_to_pay(bob: User, sent: Any) -> None:
    terms = {"next_attempt_at": DAY, "plan_until": DAY.replace(day=25), "pay_url": "https://invoice.example.com/1"}
    email = sent(emails.send, bob, FAILED, plan="Starter", **terms).body
    assert "We’ll try again on Dec. 21, 2026. You can use your plan until Dec. 25, 2026." in email
    assert "After that it’s on hold until we receive your payment." in email
    assert "https://invoice.example.com/1" in email


def test_a_last_failure_says_that_it_was_the_last(bob: User, sent: Any) -> None:
    email = sent(emails.send, bob, FAILED, plan="Starter", next_attempt_at=None, plan_until=None, pay_url="").body
    assert "We won’t try again automatically." in email
    assert "None" not in email


def test_an_ending_plan_names_its_last_day(bob: User, sent: Any) -> None:
    assert "ends on Dec. 21, 2026" in sent(emails.send, bob, ENDING, plan="Starter", ends_at=DAY).body


def test_an_email_is_in_the_customers_language(bob: User, sent: Any) -> None:
    bob.language = "es"
    assert "21 de diciembre de 2026" in sent(emails.send, bob, ENDING, plan="Starter", ends_at=DAY).body


def test_a_mail_server_that_is_down_does_not_fail_the_booking(
    bob: User, settings: Any, django_capture_on_commit_callbacks: Commit, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        emails.send(bob, "billing/email/subscription_ended", plan="Starter")
    assert "Connection refused" in caplog.text


def test_a_deleted_account_gets_no_email_and_leaves_no_record_of_one(bob: User) -> None:
    bob.erased_at = timezone.now()
    emails.send(bob, ENDING, once="refund:re_1", plan="Starter", ends_at=DAY)
    assert not SentEmail.objects.exists()


def test_a_renewal_that_is_reported_twice_is_one_email_for_each_warning(
    bob: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Commit
) -> None:
    terms = {"source": "stripe", "period_start": DAY, "period_end": DAY, "stripe_subscription": "sub_1"}
    Membership.objects.activate(bob, "starter", **terms)
    item = {
        "price": {"recurring": {"interval": "year"}},
        "current_period_start": 1,
        "current_period_end": 1_900_000_000,
    }
    subscription = {"items": {"data": [item]}, "default_payment_method": "pm_1"}
    monkeypatch.setattr(client, "subscription", lambda subscription_id: subscription)
    card = {"last4": "4242", "exp_year": 2030, "exp_month": 1}
    monkeypatch.setattr(client, "payment_method", lambda method_id: {"card": card})
    parent = {"subscription_details": {"subscription": "sub_1"}}
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            settlement.announce_renewal({"customer": "cus_1", "parent": parent, "amount_due": 500, "currency": "usd"})
    assert sorted(each.subject[:9] for each in mail.outbox) == ["Your card", "Your plan"]
