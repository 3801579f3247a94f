"""Credits taken back for refunds and disputes, in proportion to the money.

Every step reads the current state from Stripe under the account's lock, so the order in which events arrive
does not matter.
"""

from collections.abc import Iterator

from django.db import transaction

from billing.credits import ledger
from billing.models import CreditGrant, LedgerEntry
from billing.payments import emails, purchases
from billing.payments.amounts import written_lazy
from billing.stripe import client
from billing.stripe.fields import Data, id_of

#: Statuses of a dispute in which the bank has not withdrawn money.
NO_MONEY_MOVED = ("warning_needs_response", "warning_under_review", "warning_closed", "prevented")
_TAKEN = (LedgerEntry.Kind.REFUND, LedgerEntry.Kind.DISPUTE, LedgerEntry.Kind.EXPIRY)


@transaction.atomic
def book_refunds(charge_id: str) -> None:
    """Take back the credits of a charge's refunds, and return those of a refund that failed."""
    charge = client.charge(charge_id)
    grant = _grant_of_payment(id_of(charge.get("payment_intent")))
    if grant is None:
        return
    _lock(grant)
    charge, refunds = client.charge(charge_id), client.refunds_of(charge_id)
    disputed = _disputed(charge_id) if charge["disputed"] else []
    for refund, amount in _shares(grant, charge, refunds, disputed):
        if refund["status"] == "succeeded":
            key = f"re:{refund['id']}"
            _take(grant, amount, LedgerEntry.Kind.REFUND, key)
            _email(grant, "refunded", key, refund, once=f"refund:{refund['id']}")
        elif refund["status"] in ("failed", "canceled"):
            _undo(grant, LedgerEntry.Kind.REFUND, f"re:{refund['id']}")
    _withhold(grant, _worth(grant, _sum_of(_succeeded(refunds)) + _sum_of(disputed), charge))


def _succeeded(refunds: list[Data]) -> list[Data]:
    return [refund for refund in refunds if refund["status"] == "succeeded"]


def _disputed(charge_id: str) -> list[Data]:
    """Return the disputes that have taken money of the charge, in addition to its refunds."""
    return [each for each in client.disputes_of(charge_id) if each["status"] not in (*NO_MONEY_MOVED, "won")]


def _sum_of(objects: list[Data]) -> int:
    return sum(each["amount"] for each in objects)


def _taken_for(prefix: str, objects: list[Data]) -> dict[str, int]:
    """Return the credits taken for each of these refunds or disputes, by its id, as far as they are booked."""
    entries = LedgerEntry.objects.filter(key__in=[f"{prefix}:{each['id']}" for each in objects])
    return {key.removeprefix(f"{prefix}:"): -amount for key, amount in entries.values_list("key", "amount")}


def _lock(grant: CreditGrant) -> None:
    """Lock the account, and reload the grant: a later month of its year may have been given meanwhile."""
    ledger.locked_account_of(grant.account.user)
    grant.refresh_from_db(fields=["later_given"])


def _worth(grant: CreditGrant, amount: int, charge: Data) -> int:
    """Return the credits that are paid with `amount` of the charge, including those of a year's later months."""
    return int((grant.amount + grant.later_credits) * amount // charge["amount"])


def _to_come(grant: CreditGrant) -> int:
    return grant.later_credits - grant.later_given


def _withhold(grant: CreditGrant, credits: int) -> None:
    """Withhold credits of months that have not come yet. Only the rest is taken from those that were given."""
    CreditGrant.objects.filter(pk=grant.pk).update(later_withheld=min(credits, _to_come(grant)))


def _shares(grant: CreditGrant, charge: Data, refunds: list[Data], disputed: list[Data]) -> Iterator[tuple[Data, int]]:
    """Yield each refund with its credits: the share of all money lost so far, minus what was taken before.

    This way rounding loses no credits.
    """
    booked = _taken_for("re", refunds)
    lost, taken = _sum_of(disputed), sum(_taken_for("dp", disputed).values())
    # Booked refunds come first, because refunds made in the same second have no order of their own.
    for refund in sorted(refunds, key=lambda each: (each["id"] not in booked, each["created"], each["id"])):
        share = 0
        if refund["status"] == "succeeded":
            lost += refund["amount"]
            so_far = max(0, _worth(grant, lost, charge) - _to_come(grant))
            share = booked.get(refund["id"], max(0, so_far - taken))
        taken += share
        yield refund, share


@transaction.atomic
def book_dispute(dispute_id: str) -> None:
    """Take the credits of a disputed payment until the bank decides, and return them if we win."""
    charge = client.charge(id_of(client.dispute(dispute_id)["charge"]))
    grant = _grant_of_payment(id_of(charge.get("payment_intent")))
    if grant is None:
        return
    _lock(grant)
    dispute, key = client.dispute(dispute_id), f"dp:{dispute_id}"
    if dispute["status"] in NO_MONEY_MOVED:
        return
    refunds, disputed = _succeeded(client.refunds_of(charge["id"])), _disputed(charge["id"])
    lost = _worth(grant, _sum_of(refunds) + _sum_of(disputed), charge)
    if dispute["status"] == "won":
        _undo(grant, LedgerEntry.Kind.DISPUTE, key)
    else:
        taken = sum(_taken_for("re", refunds).values()) + sum(_taken_for("dp", disputed).values())
        _take(grant, max(0, lost - _to_come(grant) - taken), LedgerEntry.Kind.DISPUTE, key)
    _withhold(grant, lost)
    status = dispute["status"] if dispute["status"] in ("won", "lost") else "open"
    _email(grant, f"dispute_{status}", key, dispute, once=f"dispute:{dispute_id}:{status}")


def _grant_of_payment(payment_intent_id: str) -> CreditGrant | None:
    """Return the payment's grant, booking the payment first if needed. None if it brought no credits."""
    if not payment_intent_id:
        return None
    if not _granted(payment_intent=payment_intent_id):
        for session_id in client.sessions_of_payment(payment_intent_id):
            purchases.book_session(client.session(session_id))
        # Packs have invoices too, which `book_invoice` does not book.
        if invoice_id := client.invoice_of_payment(payment_intent_id):
            purchases.book_invoice(client.invoice(invoice_id))
            return _granted(invoice=invoice_id)
    return _granted(payment_intent=payment_intent_id)


def _granted(**payment: str) -> CreditGrant | None:
    # Credits returned after a dispute have no payment, so they are not found here. The first is a year's first month.
    return CreditGrant.objects.select_related("account__user").filter(**payment).order_by("pk").first()


def _take(grant: CreditGrant, amount: int, kind: LedgerEntry.Kind, key: str) -> None:
    """Take at most what is left of the payment's grants, without credits that expired or were taken before."""
    grants = (
        CreditGrant.objects.filter(invoice=grant.invoice) if grant.invoice else CreditGrant.objects.filter(pk=grant.pk)
    )
    keys = LedgerEntry.objects.filter(grant__in=grants, kind__in=_TAKEN).values_list("key", flat=True)
    # What a failed refund or a won dispute brought back is a grant of its own, and may have expired since.
    returned = CreditGrant.objects.filter(key__in=[f"undo:{key}" for key in keys])
    entries = LedgerEntry.objects.filter(grant__in=[*grants, *returned], kind__in=_TAKEN)
    left = sum(grants.values_list("amount", flat=True)) + sum(entries.values_list("amount", flat=True))
    amount = min(amount, left)
    if amount > 0:
        ledger.take(grant.account, amount, kind=kind, key=key, first_from=grant)


def _email(grant: CreditGrant, template: str, key: str, about: Data, *, once: str) -> None:
    # No credits were taken under the key if they had expired, or were taken before.
    entry = LedgerEntry.objects.filter(key=key).first()
    amount = written_lazy(about["amount"], about["currency"])
    facts = {"amount": amount, "credits": -entry.amount if entry else 0}
    emails.send(grant.account.user, f"billing/email/{template}", once=once, **facts)


def _undo(grant: CreditGrant, kind: LedgerEntry.Kind, key: str) -> None:
    taken = LedgerEntry.objects.filter(key=key).first()
    if taken:
        ledger.grant(
            grant.account, -taken.amount, origin=grant.origin, kind=kind, key=f"undo:{key}", expires_at=grant.expires_at
        )
