"""What an upgrade's invoice brings, in our currency and in the customer's own."""

from datetime import UTC, datetime
from typing import Any

import pytest

from billing import plans
from billing.models import CreditAccount, CreditGrant
from billing.payments import customers, purchases
from billing.stripe import catalogue
from billing.stripe.catalogue import Sold

HALF = datetime(2026, 4, 16, tzinfo=UTC)
END = datetime(2026, 5, 1, tzinfo=UTC)
SOLD = {plan.key: Sold(plan.key, plan.credits_per_month, plan.price_cents, plan) for plan in plans.PLANS}


@pytest.fixture(autouse=True)
def _catalogue(account: CreditAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "user_of", lambda customer_id: account.user)
    monkeypatch.setattr(catalogue, "sold_at", SOLD.get)


def line(price: str, amount: int) -> dict[str, Any]:
    return {
        "amount": amount,
        "quantity": 1,
        "pricing": {"price_details": {"price": price}},
        "parent": {"subscription_item_details": {"proration": True}},
        "period": {"start": int(HALF.timestamp()), "end": int(END.timestamp())},
    }


def upgrade(currency: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "in_upgrade",
        "customer": "cus_1",
        "status": "paid",
        "amount_paid": sum(line["amount"] for line in lines),
        "currency": currency,
        "billing_reason": "subscription_update",
        "parent": {"subscription_details": {"subscription": "sub_1"}},
        "lines": {"data": list(lines)},
    }


@pytest.mark.parametrize(("currency", "half_of_starter", "half_of_pro"), [("usd", 250, 950), ("jpy", 38_000, 144_000)])
def test_half_a_month_of_the_dearer_plan_brings_half_of_what_it_has_more(
    currency: str, half_of_starter: int, half_of_pro: int
) -> None:
    invoice = upgrade(currency, line("starter", -half_of_starter), line("pro", half_of_pro))
    assert purchases.book_invoice(invoice)
    grant = CreditGrant.objects.get(key="in:in_upgrade")
    assert (grant.amount, grant.expires_at) == (600 - 125, END)
