"""What an invoice brings: each line its part of a month, by time and not by amount."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing import plans
from billing.models import CreditAccount, CreditGrant, Membership
from billing.payments import customers, purchases
from billing.stripe import catalogue
from billing.stripe.catalogue import Sold

START, HALF, END = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 16, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
SOLD = {plan.key: Sold(plan.key, plan.credits_per_month, plan.price_cents, plan) for plan in plans.PLANS}
SOLD["yearly"] = Sold("starter", 250, 5_000, plans.STARTER)


@pytest.fixture(autouse=True)
def _catalogue(account: CreditAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "user_of", lambda customer_id: account.user)
    monkeypatch.setattr(catalogue, "sold_at", SOLD.get)


def line(
    price: str, amount: int, start: datetime = HALF, end: datetime = END, *, off: int | None = None, part: bool = True
) -> dict[str, Any]:
    """Return a line of an invoice: a proration if it is only a `part` of a period; `off` is the discount's amount."""
    return {
        "amount": amount,
        "quantity": 1,
        "discount_amounts": [] if off is None else [{"amount": off, "discount": "di_1"}],
        "pricing": {"price_details": {"price": price}},
        "parent": {"subscription_item_details": {"proration": part}},
        "period": {"start": int(start.timestamp()), "end": int(end.timestamp())},
    }


def book(*lines: dict[str, Any], reason: str = "subscription_update") -> list[tuple[int, str, str]]:
    """Book a paid invoice and return what it granted: credits, end and plan."""
    invoice = {
        "id": "in_1",
        "customer": "cus_1",
        "status": "paid",
        "amount_paid": max(0, sum(line["amount"] for line in lines)),
        "currency": "usd",
        "billing_reason": reason,
        "parent": {"subscription_details": {"subscription": "sub_1"}},
        "lines": {"data": list(lines)},
    }
    purchases.book_invoice(invoice)
    grants = CreditGrant.objects.filter(key="in:in_1")
    return [(grant.amount, f"{grant.expires_at:%m-%d}", grant.note) for grant in grants]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([line("starter", -250), line("pro", 950)], id="no coupon"),
        pytest.param([line("starter", -38_000), line("pro", 144_000)], id="in another currency"),
        pytest.param([line("starter", -125, off=0), line("pro", 475, off=0)], id="half price, net"),
        pytest.param([line("starter", -250, off=-125), line("pro", 950, off=475)], id="half price, itemised"),
        pytest.param([line("starter", -125, off=0), line("pro", 950)], id="half price for once"),
        pytest.param([line("starter", 0, off=0), line("pro", 950)], id="the first month was free"),
        pytest.param([line("starter", 0, off=0), line("pro", 0, off=0)], id="free for ever, net"),
        pytest.param([line("starter", -250, off=-250), line("pro", 950, off=950)], id="free for ever, itemised"),
        pytest.param([line("pro", 950), line("starter", -250)], id="in the other order"),
    ],
)
def test_an_upgrade_brings_its_share_of_the_month_whatever_it_costs(lines: list[dict[str, Any]]) -> None:
    assert book(*lines) == [(600 - 125, "05-01", "Pro")]


def test_an_upgrade_half_a_minute_after_the_start_brings_the_whole_difference() -> None:
    start = START + timedelta(seconds=30)
    assert book(line("starter", -500, start), line("pro", 1_900, start)) == [(1_200 - 250, "05-01", "Pro")]


def test_the_share_is_of_the_days_that_this_month_has(account: CreditAccount) -> None:
    start, half, end = (datetime(2026, *day, tzinfo=UTC) for day in ((1, 31), (2, 14), (2, 28)))
    terms = {"period_start": start, "period_end": end, "stripe_subscription": "sub_1"}
    Membership.objects.activate(account.user, "pro", source=Membership.Source.STRIPE, **terms)
    lines = [line("starter", -250, half, end), line("pro", 950, half, end)]
    assert book(*lines) == [(600 - 125, "02-28", "Pro")]


def test_a_reset_of_the_billing_date_brings_a_month_without_the_unused_part_of_the_last() -> None:
    lines = [line("starter", 500, HALF, datetime(2026, 5, 16, tzinfo=UTC), part=False), line("starter", -250)]
    assert book(*lines) == [(250 - 125, "05-16", "Starter")]


def test_a_renewal_with_an_earlier_upgrade_ends_with_its_latest_line() -> None:
    june = datetime(2026, 6, 1, tzinfo=UTC)
    lines = [line("pro", 1_900, END, june, part=False), line("starter", -250), line("pro", 950)]
    assert book(*lines, reason="subscription_cycle") == [(1_200 + 475, "06-01", "Pro")]


@pytest.mark.parametrize("reason", ["subscription_create", "subscription_cycle", "subscription_update", "manual"])
def test_a_whole_period_brings_its_month_for_whatever_reason(reason: str) -> None:
    assert book(line("starter", 500, START, END, part=False), reason=reason) == [(250, "05-01", "Starter")]


def test_a_trial_brings_nothing() -> None:
    assert book(line("starter", 0, START, END, part=False), reason="subscription_create") == []


def test_unused_time_alone_brings_nothing() -> None:
    assert book(line("pro", -950)) == []


def test_a_year_brings_its_first_month() -> None:
    year = line("yearly", 5_000, START, datetime(2027, 4, 1, tzinfo=UTC), part=False)
    assert book(year) == [(250, "05-01", "Starter")]
    assert CreditGrant.objects.get(key="in:in_1").later_credits == 11 * 250


def test_an_upgrade_within_a_year_brings_more_in_each_later_month() -> None:
    end = datetime(2027, 4, 1, tzinfo=UTC)
    assert book(line("starter", -2_400, HALF, end), line("pro", 9_500, HALF, end)) == [(600 - 125, "05-01", "Pro")]
    assert CreditGrant.objects.get(key="in:in_1").later_credits == 11 * (1_200 - 250)


def test_a_year_that_begins_within_a_month_takes_the_place_of_its_rest() -> None:
    year = line("yearly", 5_000, HALF, datetime(2027, 4, 16, tzinfo=UTC), part=False)
    assert book(line("starter", -250), year) == [(250 - 125, "05-16", "Starter")]
