"""Customers at Stripe: one for each user who has paid or tried to."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from djstripe.models import Customer

from accounts.models import User
from billing.stripe import client
from billing.stripe.fields import Data


def customer_of(user: User, language: str) -> str:
    """Return the id of the user's customer at Stripe. Creates one if there is none or it was deleted there.

    Do not call it inside a transaction: a rollback would lose a customer that exists at Stripe.
    """
    known = _row_of(user)
    found = _existing(known.id) if known else None
    if known and not found:
        Customer.objects.filter(pk=known.pk).update(subscriber=None, date_purged=timezone.now())
    if not found:
        return _create(user, language)
    _update(user, found, preferred_locales=[language])
    return str(found["id"])


def send_email_address(user: User) -> None:
    """Send the user's email address to Stripe if it has changed here. Do not call it inside a transaction."""
    if known := _row_of(user):
        _update(user, known.stripe_data)


def with_another_email_address() -> list[User]:
    """Return the users who may have another address at Stripe, because it could not be sent when it changed."""
    rows = Customer.objects.filter(livemode=settings.STRIPE_LIVE_MODE, subscriber__isnull=False)
    return [row.subscriber for row in rows.exclude(email=F("subscriber__email")).select_related("subscriber")]


def _update(user: User, data: Data, **fields: Any) -> None:
    """Send only fields that have changed here. Customers edit the others in the portal.

    The metadata say which email address was sent last: an operator may have set another one for the invoices.
    """
    changed = {name: value for name, value in fields.items() if data[name] != value}
    if data["metadata"].get("email", data["email"]) != user.email:
        changed |= _email_of(user)
    if changed:
        _link(user, client.update_customer(data["id"], **changed))


def _email_of(user: User) -> Data:
    return {"email": user.email, "metadata": {"user": str(user.public_id), "email": user.email}}


def _rows_of(user: User) -> Any:
    """Return every customer that the user ever had in this mode, including deleted ones."""
    return Customer.objects.filter(livemode=settings.STRIPE_LIVE_MODE, metadata__user=str(user.public_id))


def _row_of(user: User) -> Customer | None:
    return _rows_of(user).filter(subscriber=user).order_by("-djstripe_id").first()


def _existing(customer_id: str) -> Data | None:
    try:
        found = client.customer(customer_id)
    except client.StripeMissing:
        return None
    return None if found.get("deleted") else found


def _create(user: User, language: str) -> str:
    wanted = {**_email_of(user), "preferred_locales": [language], **({"name": user.name} if user.name else {})}
    # The idempotency key is the same for two simultaneous clicks, and after a crash before the row is stored.
    generation = _rows_of(user).exclude(date_purged=None).count()
    digest = hashlib.sha256(repr(sorted(wanted.items())).encode()).hexdigest()[:12]
    key = f"customer:{user.public_id}:{generation}:{digest}"
    return _link(user, client.create_customer(key=key, **wanted), is_new=True)


@transaction.atomic
def _link(user: User, data: Data, *, is_new: bool = False) -> str:
    # Without the lock two tabs could insert the same row.
    User.objects.select_for_update().get(pk=user.pk)
    if is_new and (earlier := _rows_of(user).filter(subscriber=user).exclude(id=data["id"]).first()):
        # Another tab, in another language, was first. One user has one customer.
        return str(earlier.id)
    row = Customer.sync_from_stripe_data(data)
    Customer.objects.filter(pk=row.pk).update(subscriber=user)
    return str(row.id)


def lock(customer_id: str) -> None:
    """Lock the customer for the rest of the caller's transaction.

    What is read from Stripe while the lock is held is never older than what has been booked.
    """
    list(Customer.objects.select_for_update().filter(id=customer_id).values_list("pk"))


def user_of(customer_id: str) -> User | None:
    """Return the customer's user; None if it belongs to no user of ours."""
    row = Customer.objects.select_related("subscriber").filter(id=customer_id).first()
    if row is None or row.subscriber:
        return row.subscriber if row else None
    public_id = (row.metadata or {}).get("user")
    return User.objects.filter(public_id=public_id).first() if public_id else None


def known_customer_of(user: User) -> str:
    row = _row_of(user)
    return str(row.id) if row else ""


def page_at_stripe(user: User) -> str:
    """Return the URL of the customer's page in Stripe's dashboard, or of the sandbox's; empty without a customer."""
    if not (customer_id := known_customer_of(user)):
        return ""
    if settings.STRIPE_SANDBOX:
        return f"{settings.SANDBOX_URL}/stripe/"
    return f"https://dashboard.stripe.com/{'' if settings.STRIPE_LIVE_MODE else 'test/'}customers/{customer_id}"
