"""A customer's statement: each movement of credits in words, with the balance after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.credits.ledger import account_of
from billing.models import LedgerEntry

PAGE_SIZE = 50


@dataclass(frozen=True)
class Line:
    at: datetime
    words: str
    amount: int
    balance: int


@dataclass(frozen=True)
class Statement:
    lines: list[Line]
    page: Page


def statement(user: User, page_number: Any = 1) -> Statement:
    """Return a page of the user's statement. A page number out of range returns the nearest page."""
    balance = account_of(user).balance
    mine = LedgerEntry.objects.of(user)
    page = Paginator(mine.select_related("grant"), PAGE_SIZE).get_page(page_number)
    entries = list(page.object_list)
    if entries:
        balance -= mine.filter(pk__gt=entries[0].pk).aggregate(newer=Sum("amount", default=0))["newer"]
    return Statement(list(_lines(entries, balance)), page)


def _lines(entries: list[LedgerEntry], balance: int) -> Iterable[Line]:
    for entry in entries:
        yield Line(entry.created_at, in_words(entry), entry.amount, balance)
        balance -= entry.amount


def in_words(entry: LedgerEntry) -> str:
    """Return what happened, in the active language."""
    match entry.kind:
        case LedgerEntry.Kind.FREE:
            return _with_end(gettext("Free credits"), entry)
        case LedgerEntry.Kind.PLAN:
            plan = entry.note or gettext("Plan")
            return _with_end(gettext("%(plan)s plan credits") % {"plan": plan}, entry)
        case LedgerEntry.Kind.PACK:
            return gettext("Credit pack")
        case LedgerEntry.Kind.IMAGE if not entry.note:
            return gettext("Image from a deleted batch")
    added, removed = _ADDED_AND_REMOVED[LedgerEntry.Kind(entry.kind)]
    text = str(added if entry.amount > 0 else removed)
    return gettext("%(what)s: %(note)s") % {"what": text, "note": entry.note} if entry.note else text


def _with_end(text: str, entry: LedgerEntry) -> str:
    if not entry.grant or not entry.grant.expires_at:
        return text
    day = date_format(localtime(entry.grant.expires_at), "DATE_FORMAT")
    return gettext("%(credits)s (use before %(day)s)") % {"credits": text, "day": day}


_ADDED_AND_REMOVED = {
    LedgerEntry.Kind.OPERATOR: (_("Credits added by our team"), _("Credits removed by our team")),
    LedgerEntry.Kind.GOODWILL: (_("Goodwill credits"), _("Goodwill credits")),
    LedgerEntry.Kind.IMAGE: (_("Image"), _("Image")),
    LedgerEntry.Kind.EXPIRY: (_("Expired credits"), _("Expired credits")),
    LedgerEntry.Kind.REFUND: (_("Refund reversed"), _("Payment refunded (credits removed)")),
    LedgerEntry.Kind.DISPUTE: (_("Dispute resolved (credits returned)"), _("Payment disputed (credits removed)")),
}
