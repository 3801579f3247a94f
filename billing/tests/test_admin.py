"""Billing in the admin: plans given and ended by hand, the customer's statement, the catalogue."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.credits import ledger
from billing.entitlements import plan_of
from billing.models import Membership, MembershipEvent
from billing.payments import plan_changes
from tests.cast import SignedIn, make_person

ADD = reverse("admin:billing_membership_add")
LIST = reverse("admin:billing_membership_changelist")


@pytest.fixture
def olgas(signed_in: SignedIn, olga: User) -> Client:
    return signed_in(olga)


def gift(user: User, plan: plans.Plan = plans.STARTER, days: int = 30, **fields: Any) -> dict[str, Any]:
    last_day = (timezone.now() + timedelta(days=days)).date().isoformat()
    return {"user": user.pk, "plan_key": plan.key, "last_day": last_day, "reason": "a friend", **fields}


def subscribe(user: User) -> Membership:
    now = timezone.now()
    terms = {"source": Membership.Source.STRIPE, "period_start": now, "period_end": now + timedelta(days=30)}
    return Membership.objects.activate(user, plans.STARTER.key, **terms)


def test_a_plan_given_by_hand_comes_with_its_credits(olgas: Client, bob: User) -> None:
    assert olgas.post(ADD, gift(bob)).status_code == 302
    assert plan_of(bob) == plans.STARTER
    assert ledger.account_of(bob).left == 255


def test_a_plan_given_by_hand_ends_with_its_last_day(olgas: Client, bob: User) -> None:
    olgas.post(ADD, gift(bob, days=10))
    ends_at = Membership.objects.get(user=bob).cancel_at
    assert ends_at.date() == (timezone.now() + timedelta(days=11)).date()
    assert (ends_at.hour, ends_at.minute) == (0, 0)


def test_who_gave_it_and_why_is_on_record(olgas: Client, olga: User, bob: User) -> None:
    olgas.post(ADD, gift(bob))
    event = MembershipEvent.objects.get()
    assert (event.actor, event.reason) == (olga, "a friend")


def test_a_gift_can_be_changed_to_another_plan(olgas: Client, bob: User) -> None:
    for plan in (plans.STARTER, plans.PRO):
        olgas.post(ADD, gift(bob, plan))
    assert plan_of(bob) == plans.PRO
    assert Membership.objects.count() == 1


def test_who_pays_is_given_no_plan(olgas: Client, bob: User) -> None:
    subscribe(bob)
    response = olgas.post(ADD, gift(bob, plans.PRO))
    assert "user" in response.context["adminform"].form.errors
    assert plan_of(bob) == plans.STARTER


@pytest.mark.parametrize("field", ["user", "plan_key", "last_day", "reason"])
def test_a_gift_needs_everything(olgas: Client, bob: User, field: str) -> None:
    response = olgas.post(ADD, gift(bob) | {field: ""})
    assert field in response.context["adminform"].form.errors


@pytest.mark.parametrize(("field", "value"), [("plan_key", "pay_as_you_go"), ("last_day", "2020-01-01")])
def test_nonsense_is_refused(olgas: Client, bob: User, field: str, value: str) -> None:
    response = olgas.post(ADD, gift(bob) | {field: value})
    assert field in response.context["adminform"].form.errors


def test_a_gift_can_be_ended(olgas: Client, bob: User) -> None:
    olgas.post(ADD, gift(bob))
    membership = Membership.objects.get(user=bob)
    olgas.post(LIST, {"action": "end_gifts", "_selected_action": [membership.pk], "index": 0})
    membership.refresh_from_db()
    assert membership.status == Membership.Status.ENDED


def test_what_is_paid_cannot_be_ended_here(olgas: Client, bob: User) -> None:
    membership = subscribe(bob)
    olgas.post(LIST, {"action": "end_gifts", "_selected_action": [membership.pk], "index": 0})
    assert plan_of(bob) == plans.STARTER


def change_to(olgas: Client, plan: str, membership: Membership) -> str:
    form = {"action": f"change_to_{plan}", "_selected_action": [membership.pk], "index": 0}
    return olgas.post(LIST, form, follow=True).content.decode()


def test_a_gift_is_not_changed_at_stripe(olgas: Client, bob: User) -> None:
    olgas.post(ADD, gift(bob))
    assert "this plan is not paid for" in change_to(olgas, "pro", Membership.objects.get(user=bob))


def test_stripes_refusal_of_a_change_is_told(olgas: Client, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise plan_changes.StripeError("Your card was declined.")

    monkeypatch.setattr(plan_changes, "change_paid_plan", refused)
    assert "Your card was declined." in change_to(olgas, "pro", subscribe(bob))


def test_plans_are_not_every_operators_business(signed_in: SignedIn, bob: User) -> None:
    junior = make_person("Junior", is_staff=True)
    junior.user_permissions.set(Permission.objects.filter(codename="view_membership"))
    assert signed_in(junior).post(ADD, gift(bob)).status_code == 403


def test_the_record_of_a_membership_shows_its_history(olgas: Client, bob: User) -> None:
    olgas.post(ADD, gift(bob))
    page = olgas.get(reverse("admin:billing_membership_change", args=[Membership.objects.get().pk]))
    assert "a friend" in page.content.decode()


def test_the_statement_is_shown_as_the_customer_sees_it(olgas: Client, bob: User) -> None:
    ledger.grant_by_operator(bob, 10, "welcome")
    url = reverse("admin:billing_creditaccount_statement", args=[ledger.account_of(bob).pk])
    assert "Credits added by our team: welcome" in olgas.get(url).content.decode()


def test_the_statement_is_for_operators_with_that_power(signed_in: SignedIn, bob: User) -> None:
    url = reverse("admin:billing_creditaccount_statement", args=[ledger.account_of(bob).pk])
    assert signed_in(make_person("Junior", is_staff=True)).get(url).status_code == 403


def test_the_catalogue_counts_who_has_what(olgas: Client, bob: User) -> None:
    subscribe(bob)
    rows = olgas.get(reverse("admin:billing_membership_plans")).context["rows"]
    assert {plan.key: count for plan, count in rows}["starter"] == 1
