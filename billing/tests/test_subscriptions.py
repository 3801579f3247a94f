"""Which of a customer's subscriptions gives the plan."""

from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import TestCase
from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.models import Membership, MembershipEvent
from billing.payments import customers, settlement, subscriptions
from billing.stripe import catalogue, client
from billing.stripe.catalogue import Sold
from billing.stripe.reconcile import reconcile

SOLD = {plan.key: Sold(plan.key, plan.credits_per_month, plan.price_cents, plan) for plan in plans.PLANS}


class AtStripe:
    """Bob's subscriptions at Stripe."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}
        self.is_deleted = False

    def put(self, name: str, price: str, status: str = "active") -> None:
        """Add or change a subscription, and report it as an event does."""
        now, number = timezone.now(), len(self.found)
        created = self.found.get(name, {}).get("created", number)
        item = {
            "price": {"id": price},
            "current_period_start": int(now.timestamp()),
            "current_period_end": int((now + timedelta(days=30)).timestamp()),
        }
        self.found[name] = {
            "id": name,
            "customer": "cus_bob",
            "status": status,
            "created": created,
            "latest_invoice": None,
            "items": {"data": [item]},
        }
        subscriptions.follow(name, "cus_bob")

    def list(self, customer_id: str) -> list[dict[str, Any]]:
        if self.is_deleted:
            raise client.StripeMissing("No such customer")
        return list(self.found.values())


@pytest.fixture
def at_stripe(bob: User, monkeypatch: pytest.MonkeyPatch) -> AtStripe:
    stripe = AtStripe()
    monkeypatch.setattr(client, "subscriptions_of", stripe.list)
    monkeypatch.setattr(client, "subscription", stripe.found.get)
    monkeypatch.setattr(customers, "user_of", lambda customer_id: bob)
    monkeypatch.setattr(catalogue, "sold_at", SOLD.get)
    return stripe


def plan(user: User) -> tuple[str, str, str]:
    """Return plan, status and the subscription that gives it."""
    membership = Membership.objects.get(user=user)
    return membership.plan_key, str(membership.status), membership.stripe_subscription


def others(user: User) -> str:
    return Membership.objects.get(user=user).other_subscriptions


@pytest.mark.parametrize("order", [("starter", "pro"), ("pro", "starter")])
def test_the_dearer_one_gives_the_plan_whichever_is_newer(
    bob: User, at_stripe: AtStripe, order: tuple[str, str]
) -> None:
    for price in order:
        at_stripe.put(f"sub_{price}", price)
    assert plan(bob) == ("pro", "active", "sub_pro")
    assert others(bob) == "sub_starter"


@pytest.mark.parametrize("status", ["canceled", "unpaid", "paused"])
def test_when_one_ends_the_other_is_followed_at_once(bob: User, at_stripe: AtStripe, status: str) -> None:
    at_stripe.put("sub_pro", "pro")
    at_stripe.put("sub_starter", "starter")
    at_stripe.put("sub_pro", "pro", status)
    assert plan(bob) == ("starter", "active", "sub_starter")
    assert others(bob) == ""
    at_stripe.put("sub_starter", "starter", "canceled")
    assert plan(bob) == ("starter", "ended", "sub_starter")


def test_the_cheaper_ones_end_changes_nothing_but_the_mark(bob: User, at_stripe: AtStripe) -> None:
    at_stripe.put("sub_pro", "pro")
    at_stripe.put("sub_starter", "starter")
    at_stripe.put("sub_starter", "starter", "canceled")
    assert plan(bob) == ("pro", "active", "sub_pro")
    assert others(bob) == ""


def test_of_two_alike_the_first_stays(bob: User, at_stripe: AtStripe) -> None:
    at_stripe.put("sub_1", "starter")
    at_stripe.put("sub_2", "starter")
    assert plan(bob) == ("starter", "active", "sub_1")


def test_one_that_is_not_paid_for_yields_after_its_grace(bob: User, at_stripe: AtStripe) -> None:
    at_stripe.put("sub_pro", "pro")
    at_stripe.put("sub_starter", "starter")
    at_stripe.put("sub_pro", "pro", "past_due")
    assert plan(bob) == ("pro", "past_due", "sub_pro")
    Membership.objects.update(grace_until=timezone.now())
    for _ in range(2):
        at_stripe.put("sub_pro", "pro", "past_due")
        assert plan(bob) == ("starter", "active", "sub_starter")
    at_stripe.put("sub_pro", "pro")
    assert plan(bob) == ("pro", "active", "sub_pro")


def test_a_cancellation_while_a_payment_is_due_is_recorded_and_emailed(
    bob: User, at_stripe: AtStripe, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    at_stripe.put("sub_1", "starter")
    at_stripe.put("sub_1", "starter", "past_due")
    before = Membership.objects.get(user=bob)
    at_stripe.found["sub_1"]["cancel_at"] = at_stripe.found["sub_1"]["items"]["data"][0]["current_period_end"]
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            subscriptions.follow("sub_1", "cus_bob")
    after = Membership.objects.get(user=bob)
    assert (after.status, after.grace_until) == ("past_due", before.grace_until)
    assert after.cancel_at == after.period_end
    assert [mail.subject for mail in mailoutbox] == ["Your subscription is ending"]


def test_what_is_not_ours_gives_no_plan_and_takes_none(bob: User, at_stripe: AtStripe) -> None:
    at_stripe.put("sub_starter", "starter")
    at_stripe.put("sub_retainer", "retainer")
    assert plan(bob) == ("starter", "active", "sub_starter")
    assert others(bob) == ""


def test_the_same_news_again_leave_no_event(bob: User, at_stripe: AtStripe) -> None:
    at_stripe.put("sub_pro", "pro")
    at_stripe.put("sub_starter", "starter")
    count = MembershipEvent.objects.count()
    subscriptions.follow("sub_starter", "cus_bob")
    assert MembershipEvent.objects.count() == count


def test_one_that_runs_though_the_plan_has_ended_is_found_by_reconcile(
    bob: User, at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_stripe.put("sub_starter", "starter")
    Membership.objects.get(user=bob).end()
    monkeypatch.setattr(client, "events_since", lambda since, types: [])
    monkeypatch.setattr(client, "running_subscriptions", at_stripe.found.values)
    reconcile()
    assert plan(bob) == ("starter", "active", "sub_starter")


def test_an_object_that_meets_a_bug_does_not_keep_reconcile_from_the_others(
    bob: User, at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_stripe.put("sub_starter", "starter")
    Membership.objects.get(user=bob).end()
    event = {"type": "charge.dispute.closed", "data": {"object": {"id": "dp_1"}}}
    monkeypatch.setattr(client, "dispute", Mock(side_effect=KeyError("charge")))
    monkeypatch.setattr(client, "events_since", lambda since, types: [event])
    monkeypatch.setattr(client, "running_subscriptions", at_stripe.found.values)
    assert reconcile().failed_count == 1
    assert plan(bob) == ("starter", "active", "sub_starter")


def test_an_object_that_stripe_refuses_is_logged_by_its_id_only(
    bob: User, at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    disputed = {"id": "dp_1", "receipt_email": bob.email}
    event = {"type": "charge.dispute.closed", "data": {"object": disputed}}
    monkeypatch.setattr(client, "dispute", Mock(side_effect=client.StripeRefused("no such dispute")))
    monkeypatch.setattr(client, "events_since", lambda since, types: [event])
    monkeypatch.setattr(client, "running_subscriptions", at_stripe.found.values)
    assert reconcile().failed_count == 1
    assert [record.getMessage() for record in caplog.records] == ["could not reconcile dp_1"]


def test_a_deleted_customers_plan_ends(bob: User, at_stripe: AtStripe) -> None:
    at_stripe.put("sub_pro", "pro")
    at_stripe.is_deleted = True
    at_stripe.put("sub_pro", "pro", "canceled")
    assert plan(bob) == ("pro", "ended", "sub_pro")


@pytest.mark.parametrize(
    ("change", "mails"),
    [({}, 1), ({"is_active": False}, 0), ({"delete_at": timezone.now()}, 0)],
    ids=["cancelled", "suspended", "account closed"],
)
def test_only_a_customer_who_can_renew_is_mailed_that_the_plan_ends(
    bob: User, at_stripe: AtStripe, mailoutbox: list[Any], change: dict[str, Any], mails: int
) -> None:
    at_stripe.put("sub_1", "starter")
    User.objects.filter(pk=bob.pk).update(**change)
    at_stripe.found["sub_1"]["cancel_at"] = int((timezone.now() + timedelta(days=30)).timestamp())
    with TestCase.captureOnCommitCallbacks(execute=True):
        subscriptions.follow("sub_1", "cus_bob")
    assert plan(bob) == ("starter", "ending", "sub_1")
    assert len(mailoutbox) == mails


@pytest.mark.parametrize(("days", "sentence"), [(7, "You can use your plan until"), (-1, "Your plan is on hold until")])
def test_the_email_about_a_failed_payment_says_whether_the_plan_can_still_be_used(
    bob: User, at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any], days: int, sentence: str
) -> None:
    at_stripe.put("sub_1", "starter")
    at_stripe.put("sub_1", "starter", "past_due")
    Membership.objects.update(grace_until=timezone.now() + timedelta(days=days))
    parent = {"subscription_details": {"subscription": "sub_1"}}
    invoice = {"id": "in_1", "customer": "cus_bob", "status": "open", "attempt_count": 3, "parent": parent}
    monkeypatch.setattr(client, "invoice", lambda invoice_id: invoice)
    with TestCase.captureOnCommitCallbacks(execute=True):
        settlement.warn_of_failed_payment("in_1", "cus_bob")
    assert sentence in mailoutbox[0].body
