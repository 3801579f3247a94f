"""Fields of Stripe's objects, read as API version 2026-05-27.dahlia has them.

dj-stripe's own properties still expect the fields of older versions (docs/decisions/0011).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.months import add_months

Data = dict[str, Any]

#: A subscription in one of these gives its plan.
LIVE = ("active", "trialing", "past_due")


def id_of(reference: Any) -> str:
    """Return the id of an object given as an id or expanded; empty for None."""
    if isinstance(reference, dict):
        return str(reference["id"])
    return reference or ""


def is_event(body: Any) -> bool:
    """Return whether this is an event about an object, with ids that are strings.

    Only the invoice of `invoice.upcoming` has none, because it does not exist yet.
    """
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        return False
    about = body["data"].get("object")
    if not isinstance(about, dict):
        return False
    references = [_id_in(about.get(name)) for name in ("customer", "charge")]
    about_id = about.get("id", "" if body.get("type") == "invoice.upcoming" else None)
    ids = [body.get("id"), body.get("type"), about_id, *references]
    return all(isinstance(each, str) for each in ids)


def _id_in(reference: Any) -> Any:
    return reference.get("id") if isinstance(reference, dict) else reference or ""


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def period_of(subscription: Data) -> tuple[datetime, datetime]:
    """Return start and end of the paid period, from the item that ends last: items may differ."""
    last = max(subscription["items"]["data"], key=lambda item: item["current_period_end"])
    return moment(last["current_period_start"]), moment(last["current_period_end"])


def scheduled_end_of(subscription: Data) -> datetime | None:
    """Return when the subscription will end; None if it renews.

    The field depends on the billing mode: for new subscriptions the portal sets only `cancel_at`.
    """
    if subscription.get("cancel_at"):
        return moment(subscription["cancel_at"])
    return period_of(subscription)[1] if subscription.get("cancel_at_period_end") else None


def price_of_subscription(subscription: Data) -> Data:
    return dict(subscription["items"]["data"][0]["price"])


def next_price_of(subscription: Data) -> str:
    """Return the id of the price from the next period on, empty if no change is scheduled.

    A change to a cheaper plan is in the subscription's schedule, which must be expanded.
    """
    schedule = subscription.get("schedule")
    phases = schedule.get("phases") or [] if isinstance(schedule, dict) else []
    period_end = period_of(subscription)[1]
    later = [phase for phase in phases if moment(phase["start_date"]) >= period_end]
    return id_of(later[0]["items"][0]["price"]) if later else ""


def subscription_of(invoice: Data) -> str:
    """Return the id of the invoice's subscription, empty if there is none."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return id_of(details.get("subscription"))


def payment_intent_of(invoice: Data) -> str:
    """Return the id of the payment that settled the invoice, empty if none was needed."""
    payments = (invoice.get("payments") or {}).get("data", [])
    paid = [each["payment"] for each in payments if each["status"] == "paid"]
    return next((id_of(payment.get("payment_intent")) for payment in paid), "")


def card_expires_at(card: Data) -> datetime:
    return add_months(datetime(card["exp_year"], card["exp_month"], 1, tzinfo=UTC), 1)


def last_payment_of(invoice: Data) -> str:
    """Return the id of the payment that was attempted for the invoice, whatever became of it; empty without one."""
    payments = (invoice.get("payments") or {}).get("data", [])
    return id_of(payments[0]["payment"].get("payment_intent")) if payments else ""


def awaits_payment(subscription: Data) -> bool:
    """Return whether the subscription's start or upgrade is not paid, e.g. because a bank debit takes days.

    Stripe calls such a subscription active. The latest invoice must be expanded.
    """
    invoice = subscription["latest_invoice"]
    return (
        bool(invoice)
        and invoice["status"] != "paid"
        and invoice["collection_method"] == "charge_automatically"
        and invoice["billing_reason"] in ("subscription_create", "subscription_update")
    )


@dataclass(frozen=True)
class Line:
    """One line of an invoice. `amount` is before discounts, except that of a proration, which may be after them."""

    price_id: str
    amount: int
    quantity: int
    is_proration: bool
    is_discounted: bool
    begins_at: datetime
    ends_at: datetime


def lines_of_invoice(invoice: Data) -> list[Line]:
    return [_line(line) for line in invoice["lines"]["data"] if _price_id(line)]


def _line(line: Data) -> Line:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return Line(
        price_id=_price_id(line),
        amount=line["amount"],
        quantity=line.get("quantity") or 1,
        is_proration=bool(details.get("proration")),
        is_discounted=bool(line.get("discount_amounts")),
        begins_at=moment(line["period"]["start"]),
        ends_at=moment(line["period"]["end"]),
    )


def _price_id(line: Data) -> str:
    details = (line.get("pricing") or {}).get("price_details") or {}
    return id_of(details.get("price"))


def sold_on_page(session: Data) -> list[tuple[str, int]]:
    return [(id_of(each["price"]), each["quantity"] or 1) for each in session["line_items"]["data"]]
