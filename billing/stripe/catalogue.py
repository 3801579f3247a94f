"""Our catalogue at Stripe: products and prices by lookup_key, and the webhook endpoint."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from djstripe.models import Account, Price, Product, WebhookEndpoint

from billing import plans
from billing.plans import Pack, Plan, Sellable, Yearly
from billing.stripe import client, portal
from billing.stripe.client import StripeError as StripeError

CURRENCY = "usd"
#: Taxes come on top of our prices.
TAX = "exclusive"
#: The events that dj-stripe stores and `billing.stripe.events` books; https://docs.stripe.com/api/events/types
EVENTS = (
    "charge.dispute.closed charge.dispute.created charge.dispute.funds_reinstated charge.dispute.funds_withdrawn "
    "charge.refunded charge.succeeded charge.updated checkout.session.async_payment_failed "
    "checkout.session.async_payment_succeeded checkout.session.completed checkout.session.expired "
    "customer.deleted customer.subscription.created customer.subscription.deleted customer.subscription.paused "
    "customer.subscription.resumed customer.subscription.updated customer.updated invoice.finalization_failed "
    "invoice.finalized invoice.paid invoice.payment_action_required invoice.payment_failed "
    "invoice.payment_succeeded invoice.upcoming invoice.updated payment_intent.processing payment_method.attached "
    "payment_method.detached price.created price.updated product.created product.updated refund.created "
    "refund.failed refund.updated"
).split()


@dataclass(frozen=True)
class Sold:
    """What a price at Stripe sells. `key` is set even if the plan or pack is no longer in our catalogue.

    The `credits` of a plan are those of a month, also if a year is paid at once.
    """

    key: str
    credits: int
    price_cents: int
    product: Plan | Pack | None

    @property
    def name(self) -> str:
        return str(self.product.name) if isinstance(self.product, Plan) else self.key

    @property
    def is_plan(self) -> bool:
        return not isinstance(self.product, Pack)


def sync_plans() -> list[str]:
    """Update Stripe's products, prices, portal and webhook endpoint; return a line for each change.

    Doing it again changes nothing. Calls Stripe: do not use it inside a transaction.
    """
    prices = [line for each in plans.SELLABLES for line in _sync(each)]
    account = Account.get_or_retrieve_for_api_key(settings.STRIPE_SECRET_KEY)
    return [*_sync_endpoint(account), *prices, *portal.sync()]


def price_id_of(product: Sellable) -> str:
    """Return the id of the product's price at Stripe. If it is missing or outdated, everything is synced first."""
    price = _price_at_stripe(product)
    if not price or not _is_right(price, product) or (_can_receive_events() and _endpoint_row() is None):
        sync_plans()
        price = _price_at_stripe(product)
    if not price:
        raise client.StripeBroken(f"Stripe has no price with the lookup_key {product.lookup_key}.")
    return str(price["id"])


def sold_at(price_id: str) -> Sold | None:
    """Return what a price sells; None if it is not ours.

    The lookup_key is also in the price's metadata: Stripe moves the lookup_key itself to the next price when ours
    changes.
    """
    row = Price.objects.filter(id=price_id).first()
    price = row.stripe_data if row and row.stripe_data else client.price(price_id)
    metadata = price.get("metadata") or {}
    lookup_key = metadata.get("lookup_key") or price.get("lookup_key") or ""
    if known := plans.by_lookup_key(lookup_key):
        product = _product_of(known)
        return Sold(product.key, credits_of(product), price["unit_amount"], product)
    # No longer in our catalogue, but customers still pay for it.
    is_ours = "credits" in metadata
    return Sold(metadata["key"], int(metadata["credits"]), price["unit_amount"], None) if is_ours else None


def _product_of(sold: Sellable) -> Plan | Pack:
    """Return the plan or the pack. A plan has one product at Stripe, with a monthly and a yearly price."""
    return sold.plan if isinstance(sold, Yearly) else sold


def credits_of(product: Plan | Pack) -> int:
    return product.credits if isinstance(product, Pack) else product.credits_per_month


def name_of(product: Plan | Pack) -> str:
    """Return the name on Stripe's pages and invoices, which is not translated."""
    return f"{product.credits} credits" if isinstance(product, Pack) else f"{product.name} plan"


def _price_at_stripe(product: Sellable) -> dict[str, Any] | None:
    found = client.prices([product.lookup_key])
    return found[0] if found else None


def _is_right(price: dict[str, Any], product: Sellable) -> bool:
    recurs = (price.get("recurring") or {}).get("interval")
    return (price["unit_amount"], price["currency"], price["tax_behavior"], recurs, price["metadata"]) == (
        product.price_cents,
        CURRENCY,
        TAX,
        _interval(product),
        _metadata(product),
    )


def _interval(product: Sellable) -> str | None:
    if isinstance(product, Pack):
        return None
    return "year" if isinstance(product, Yearly) else "month"


def _metadata(sold: Sellable) -> dict[str, str]:
    product = _product_of(sold)
    return {"key": product.key, "lookup_key": sold.lookup_key, "credits": str(credits_of(product))}


def _sync(product: Sellable) -> Iterator[str]:
    """Create or update a product with its price, and store both. Prices are never changed but replaced."""
    at_stripe, is_new = _upserted_product(_product_of(product))
    if is_new:
        yield f"product {at_stripe['id']} created"
    price = _price_at_stripe(product)
    if not price or not _is_right(price, product):
        price = _new_price(product, at_stripe["id"])
        yield f"price {product.lookup_key} created: {product.price_cents} {CURRENCY}"
    Product.sync_from_stripe_data(at_stripe)
    Price.sync_from_stripe_data(price)


def _upserted_product(product: Plan | Pack) -> tuple[dict[str, Any], bool]:
    product_id = f"images_in_bulk_{product.key}"
    try:
        found = client.product(product_id)
    except client.StripeMissing:
        return client.create_product(id=product_id, name=name_of(product), metadata=_metadata(product)), True
    if (found["name"], found["metadata"], found["active"]) == (name_of(product), _metadata(product), True):
        return found, False
    return client.update_product(product_id, name=name_of(product), metadata=_metadata(product)), False


def _new_price(product: Sellable, product_id: str) -> dict[str, Any]:
    recurs: dict[str, Any] = {"recurring": {"interval": interval}} if (interval := _interval(product)) else {}
    return client.create_price(
        product=product_id,
        currency=CURRENCY,
        unit_amount=product.price_cents,
        tax_behavior=TAX,
        lookup_key=product.lookup_key,
        metadata=_metadata(product),
        **recurs,
    )


# The webhook endpoint


def _endpoint_row() -> WebhookEndpoint | None:
    ours = WebhookEndpoint.objects.filter(livemode=settings.STRIPE_LIVE_MODE, url__startswith=f"{settings.SITE_URL}/")
    return ours.first()


def _can_receive_events() -> bool:
    # Stripe delivers to public addresses only. The sandbox runs on this machine.
    return settings.STRIPE_SANDBOX or settings.IS_PUBLIC


def _sync_endpoint(account: Account) -> list[str]:
    row = _endpoint_row()
    if not _can_receive_events():
        return []
    if row and any(each["id"] == row.id for each in client.webhook_endpoints()):
        client.update_webhook_endpoint(row.id, EVENTS)
        return []
    key = row.djstripe_uuid if row else uuid.uuid4()
    url = settings.SITE_URL + reverse("djstripe:djstripe_webhook_by_uuid", args=[key])
    _store_endpoint(client.create_webhook_endpoint(url, EVENTS, "images-in-bulk"), key, account)
    return [f"webhook endpoint {url} created"]


@transaction.atomic
def _store_endpoint(endpoint: dict[str, Any], key: uuid.UUID, account: Account) -> None:
    # Without dj-stripe's sync, which reads the endpoint again: Stripe returns the secret only once.
    WebhookEndpoint.objects.filter(djstripe_uuid=key).delete()
    WebhookEndpoint.objects.create(
        id=endpoint["id"],
        djstripe_uuid=key,
        djstripe_owner_account=account,
        url=endpoint["url"],
        secret=endpoint["secret"],
        status=endpoint["status"],
        enabled_events=endpoint["enabled_events"],
        api_version=endpoint["api_version"] or settings.STRIPE_API_VERSION,
        livemode=endpoint["livemode"],
        stripe_data={name: value for name, value in endpoint.items() if name != "secret"},
    )
