"""Removes the person from the payments of a deleted account. The amounts stay in the books."""

from contextlib import suppress
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from djstripe.models import Customer, Event, WebhookEventTrigger

from accounts.models import User
from billing.credits import ledger
from billing.models import CreditAccount, CreditGrant, LedgerEntry, Membership, MembershipEvent
from billing.payments import plan_changes, settlement
from billing.stripe import client
from billing.stripe.fields import Data

#: Marks the subscriptions that end because of the deletion, so that undoing it resumes only those.
_MARK = "ends_with_account"
#: Fields of Stripe's objects that say who the customer is. The links open pages with the invoice's address.
_PERSONAL = frozenset(
    """
    address billing_details business_name card collected_information customer_account_tax_ids customer_address
    customer_details customer_email customer_name customer_phone customer_shipping customer_tax_ids description email
    fingerprint hosted_invoice_url individual_name invoice_pdf invoice_settings link name payment_method_details phone
    receipt_email receipt_url shipping tax_ids us_bank_account sepa_debit
    """.split()
)


def end_subscriptions(user: User) -> None:
    """Let the user's subscriptions end with the paid period, and close open payment pages. Again changes nothing.

    Raises `StripeError`. Calls Stripe: do not use it inside a transaction.
    """
    for customer_id in _customer_ids(user):
        _close_pages(customer_id)
        plan_changes.end_with_period(user, _MARK)


def resume_subscriptions(user: User) -> None:
    """Undo `end_subscriptions` for what has not ended yet. A planned change of the plan is not planned again."""
    for customer_id in _customer_ids(user):
        for subscription in _live(customer_id):
            if subscription["metadata"].get(_MARK):
                client.update_subscription(subscription["id"], cancel_at_period_end=False, metadata={_MARK: ""})
                settlement.settle_subscription(subscription["id"], customer_id)


def erase(user: User) -> None:
    """End all subscriptions now, delete the customer at Stripe, and make our books anonymous. Raises `StripeError`.

    The invoices stay at Stripe, as the law demands. Unused credits expire.
    """
    for customer_id in _customer_ids(user):
        _close_pages(customer_id)
        for subscription in _live(customer_id):
            client.cancel_subscription(subscription["id"])
            settlement.settle_subscription(subscription["id"], customer_id)
        client.delete_customer(customer_id)
    with transaction.atomic():
        _erase_books(user)
        for customer_id in blank_copies(user):
            WebhookEventTrigger.objects.filter(body__contains=customer_id).delete()


def blank_copies(user: User) -> list[str]:
    """Blank the person in our copies of Stripe's objects and events, and return the customers' ids.

    Ids, amounts and dates stay, and the user's public id, so that a late payment is still booked.
    """
    customers = Customer.objects.filter(metadata__user=str(user.public_id))
    ids = list(customers.values_list("id", flat=True))
    for model in apps.get_app_config("djstripe").get_models():
        if any(field.name == "customer" for field in model._meta.concrete_fields):
            _blank(model._default_manager.filter(customer__id__in=ids), "stripe_data")
    _blank(Event.objects.filter(Q(data__object__customer__in=ids) | Q(data__object__id__in=ids)), "stripe_data", "data")
    _blank(customers, "stripe_data")
    mark = {"user": str(user.public_id)}
    customers.update(subscriber=None, email="", metadata=mark, date_purged=timezone.now())
    return ids


def _erase_books(user: User) -> None:
    if membership := Membership.objects.live().filter(user=user).first():
        membership.end(reason="account deleted")
    # Stripe passes on what customers write when they leave.
    MembershipEvent.objects.filter(membership__user=user).update(reason="")
    if account := CreditAccount.objects.filter(user=user).first():
        account.grants.unspent().update(expires_at=timezone.now())
        ledger.expire_ended(account)
        # The notes of plans name the plan. Others quote prompts, or what an operator wrote about the customer.
        LedgerEntry.objects.filter(account=account).exclude(kind=LedgerEntry.Kind.PLAN).update(note="")
        CreditGrant.objects.filter(account=account).exclude(origin=CreditGrant.Origin.PLAN).update(note="")


def _customer_ids(user: User) -> list[str]:
    """Return the user's customers that may still exist at Stripe; none where Stripe is not used any more."""
    if not settings.STRIPE_ENABLED:
        return []
    rows = Customer.objects.filter(livemode=settings.STRIPE_LIVE_MODE, metadata__user=str(user.public_id))
    return list(rows.filter(date_purged=None).values_list("id", flat=True))


def _live(customer_id: str) -> list[Data]:
    """Return the customer's subscriptions that have not ended; none if Stripe no longer has the customer."""
    try:
        found = client.subscriptions_of(customer_id)
    except client.StripeMissing:
        return []
    return [each for each in found if each["status"] not in ("canceled", "incomplete_expired")]


def _close_pages(customer_id: str) -> None:
    with suppress(client.StripeMissing):
        for page in client.open_sessions(customer_id):
            client.expire_session(page["id"])


def _blank(rows: QuerySet[Any], *names: str) -> None:
    for row in rows:
        rows.model._default_manager.filter(pk=row.pk).update(**{name: _blanked(getattr(row, name)) for name in names})


def _blanked(data: Any) -> Any:
    if isinstance(data, list):
        return [_blanked(each) for each in data]
    if not isinstance(data, dict):
        return data
    return {name: None if name in _PERSONAL else _blanked(value) for name, value in data.items()}
