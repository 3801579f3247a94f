"""Operators change a customer's plan: at Stripe if it is paid, as a gift otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditAction, AuditEntry, User
from billing import plans
from billing.credits import ledger
from billing.entitlements import plan_of
from billing.models import Membership, MembershipEvent
from billing.payments import plan_changes
from tests.cast import SignedIn, make_person

Calls = list[tuple[str, Any]]


@pytest.fixture
def stripe_calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What would be done at Stripe; billing/tests/stripe does it really."""
    calls: Calls = []
    monkeypatch.setattr(plan_changes, "change_paid_plan", lambda _, plan: calls.append(("change", plan)))
    monkeypatch.setattr(plan_changes, "end_with_period", lambda user, mark: calls.append(("end", user)))
    return calls


def page(user: User) -> str:
    return reverse("admin:accounts_user_plan", args=[user.pk])


def gift(plan: plans.Plan = plans.STARTER, days: int = 30, **fields: Any) -> dict[str, Any]:
    last_day = (timezone.now() + timedelta(days=days)).date().isoformat()
    return {"plan_key": plan.key, "last_day": last_day, "reason": "a friend"} | fields


def choose(plan: plans.Plan) -> dict[str, str]:
    return {"plan_key": plan.key, "reason": "asked by phone"}


def subscribe(user: User, **terms: Any) -> Membership:
    now = timezone.now()
    period = {"source": Membership.Source.STRIPE, "period_start": now, "period_end": now + timedelta(days=30)}
    return Membership.objects.activate(user, plans.STARTER.key, **period, **terms)


def test_a_gift_comes_with_its_credits_and_ends_with_its_last_day(olgas: Client, bob: User) -> None:
    assert olgas.post(page(bob), gift(days=10)).status_code == 302
    assert plan_of(bob) == plans.STARTER
    assert ledger.account_of(bob).left == 255
    ends_at = Membership.objects.get(user=bob).cancel_at
    assert ends_at.date() == (timezone.now() + timedelta(days=11)).date()
    assert (ends_at.hour, ends_at.minute) == (0, 0)


def test_the_trail_names_plans_in_the_customers_language(olgas: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="es")
    olgas.post(page(bob), gift())
    assert AuditEntry.objects.get().note == "Gratis → Starter"


def test_a_gift_and_its_early_end_are_emailed(
    olgas: Client, bob: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        olgas.post(page(bob), gift(last_day="2099-03-31"))
        olgas.post(page(bob), choose(plans.FREE))
    given, ended = mailoutbox
    assert (given.to, given.subject) == ([bob.email], "You’re on the Starter plan now")
    assert "until the end of March 31, 2099 (UTC)" in given.body
    assert ended.subject == "Your Starter plan has ended"


def test_a_gift_can_last_until_the_last_possible_day(olgas: Client, bob: User) -> None:
    assert olgas.post(page(bob), gift(last_day="9999-12-31")).status_code == 302
    assert plan_of(bob) == plans.STARTER
    assert olgas.get(page(bob)).status_code == 200


def test_who_changed_it_and_why_is_on_record(olgas: Client, olga: User, bob: User) -> None:
    olgas.post(page(bob), gift())
    event, entry, log = MembershipEvent.objects.get(), AuditEntry.objects.get(), LogEntry.objects.get()
    assert (event.actor, event.reason) == (olga, "a friend")
    assert (entry.action, entry.user, entry.actor) == (AuditAction.PLAN_CHANGED, bob, olga)
    assert (entry.note, log.change_message) == ("Free → Starter", "plan Free → Starter: a friend")


def test_finance_sees_why_a_plan_was_changed(signed_in: SignedIn, olgas: Client, bob: User) -> None:
    olgas.post(page(bob), gift())
    finance = make_person("Fiona", is_staff=True)
    finance.groups.add(Group.objects.get(name="Finance"))
    plan = Membership.objects.get(user=bob)
    shown = signed_in(finance).get(reverse("admin:billing_membership_change", args=[plan.pk])).content.decode()
    assert "a friend" in shown


def test_a_gift_is_changed_to_another_plan_and_ended(olgas: Client, bob: User) -> None:
    for plan in (plans.STARTER, plans.PRO):
        olgas.post(page(bob), gift(plan))
    assert plan_of(bob) == plans.PRO
    olgas.post(page(bob), choose(plans.FREE))
    assert plan_of(bob) != plans.PRO
    assert Membership.objects.get().status == Membership.Status.ENDED


@pytest.mark.parametrize(
    ("field", "value"),
    [("plan_key", ""), ("plan_key", "pay_as_you_go"), ("last_day", ""), ("last_day", "2020-01-01"), ("reason", "")],
)
def test_a_gift_that_makes_no_sense_is_refused(olgas: Client, bob: User, field: str, value: str) -> None:
    response = olgas.post(page(bob), gift() | {field: value})
    assert set(response.context["form"].errors) == {field}


@pytest.mark.parametrize(("plan", "call"), [(plans.PRO, "change"), (plans.FREE, "end")])
def test_a_paid_plan_is_changed_at_stripe(
    olgas: Client, olga: User, bob: User, stripe_calls: Calls, plan: plans.Plan, call: str
) -> None:
    subscribe(bob)
    assert "pays for Starter in Stripe" in olgas.get(page(bob)).content.decode()
    olgas.post(page(bob), choose(plan))
    assert [name for name, _ in stripe_calls] == [call]
    event = MembershipEvent.objects.latest("pk")
    assert (event.actor, event.reason) == (olga, "asked by phone")


@pytest.mark.parametrize(("ends", "plan"), [(False, plans.STARTER), (True, plans.FREE)])
def test_a_choice_that_changes_nothing_is_refused(
    olgas: Client, bob: User, stripe_calls: Calls, ends: bool, plan: plans.Plan
) -> None:
    subscribe(bob, cancel_at=timezone.now() + timedelta(days=30) if ends else None)
    assert set(olgas.post(page(bob), choose(plan)).context["form"].errors) == {"plan_key"}
    assert stripe_calls == []


def test_a_subscription_that_ends_can_be_renewed(olgas: Client, bob: User, stripe_calls: Calls) -> None:
    subscribe(bob, cancel_at=timezone.now() + timedelta(days=30))
    olgas.post(page(bob), choose(plans.STARTER))
    assert stripe_calls == [("change", plans.STARTER)]


def test_stripes_refusal_is_shown_and_leaves_no_record(
    olgas: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise plan_changes.StripeError("Your card was declined.")

    monkeypatch.setattr(plan_changes, "change_paid_plan", refused)
    subscribe(bob)
    assert "Your card was declined." in olgas.post(page(bob), choose(plans.PRO), follow=True).content.decode()
    assert not AuditEntry.objects.exists()


def test_a_declined_card_is_reported_in_the_operators_language(
    olgas: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def declined(*_: object) -> None:
        raise plan_changes.StripeError("Your card was declined.", "card_declined")

    monkeypatch.setattr(plan_changes, "change_paid_plan", declined)
    subscribe(bob)
    olgas.cookies["django_language"] = "es"
    shown = olgas.post(page(bob), choose(plans.PRO), follow=True).content.decode()
    assert "La tarjeta del cliente fue rechazada." in shown


@pytest.mark.parametrize("change", [{"is_active": False}, {"delete_at": timezone.now()}])
def test_the_plan_of_a_suspended_or_closed_account_stays(olgas: Client, bob: User, change: dict[str, Any]) -> None:
    User.objects.filter(pk=bob.pk).update(**change)
    assert olgas.get(page(bob)).status_code == 403
