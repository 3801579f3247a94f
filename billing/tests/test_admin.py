"""Billing in the admin: the customer's statement, the catalogue, the record of a plan."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import plans
from billing.credits import ledger, renewals
from billing.models import Membership
from tests.cast import SignedIn, make_person


def test_the_record_of_a_membership_shows_its_history(olgas: Client, olga: User, bob: User) -> None:
    until = timezone.now() + timedelta(days=30)
    membership = renewals.give_plan(bob, plans.STARTER, until, actor=olga, reason="a friend")
    page = olgas.get(reverse("admin:billing_membership_change", args=[membership.pk]))
    assert "a friend" in page.content.decode()


def test_the_statement_is_shown_as_the_customer_sees_it(olgas: Client, bob: User) -> None:
    ledger.grant_by_operator(bob, 10, "welcome")
    url = reverse("admin:billing_creditaccount_statement", args=[ledger.account_of(bob).pk])
    assert "Credits added by our team: welcome" in olgas.get(url).content.decode()


def test_the_statement_is_for_operators_with_that_power(signed_in: SignedIn, bob: User) -> None:
    url = reverse("admin:billing_creditaccount_statement", args=[ledger.account_of(bob).pk])
    assert signed_in(make_person("Junior", is_staff=True)).get(url).status_code == 403


def test_the_catalogue_counts_who_has_what(olgas: Client, bob: User) -> None:
    now = timezone.now()
    terms = {"source": Membership.Source.STRIPE, "period_start": now, "period_end": now + timedelta(days=30)}
    Membership.objects.activate(bob, plans.STARTER.key, **terms)
    rows = olgas.get(reverse("admin:billing_membership_plans")).context["rows"]
    assert {plan.key: count for plan, count in rows}["starter"] == 1
