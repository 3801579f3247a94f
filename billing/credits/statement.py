"""A customer's statement: each movement of credits in words, with the balance after it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

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
    return _WORDS[LedgerEntry.Kind(entry.kind)](entry)


def _free(entry: LedgerEntry) -> str:
    return _with_end(gettext("Free credits"), entry)


def _plan(entry: LedgerEntry) -> str:
    plan = entry.note or gettext("Plan")
    return _with_end(gettext("%(plan)s plan credits") % {"plan": plan}, entry)


def _with_end(text: str, entry: LedgerEntry) -> str:
    if not entry.grant or not entry.grant.expires_at:
        return text
    day = date_format(localtime(entry.grant.expires_at), "DATE_FORMAT")
    return gettext("%(credits)s (use before %(day)s)") % {"credits": text, "day": day}


def _pack(entry: LedgerEntry) -> str:
    return gettext("Credit pack")


def _operator(entry: LedgerEntry) -> str:
    text = gettext("Credits added by our team") if entry.amount > 0 else gettext("Credits removed by our team")
    return _with_note(text, entry)


def _goodwill(entry: LedgerEntry) -> str:
    return _with_note(gettext("Goodwill credits"), entry)


def _image(entry: LedgerEntry) -> str:
    return _with_note(gettext("Image"), entry) if entry.note else gettext("Image from a deleted batch")


def _expiry(entry: LedgerEntry) -> str:
    return _with_note(gettext("Expired credits"), entry)


def _refund(entry: LedgerEntry) -> str:
    text = gettext("Payment refunded (credits removed)") if entry.amount < 0 else gettext("Refund reversed")
    return _with_note(text, entry)


def _dispute(entry: LedgerEntry) -> str:
    if entry.amount < 0:
        return _with_note(gettext("Payment disputed (credits removed)"), entry)
    return _with_note(gettext("Dispute resolved (credits returned)"), entry)


def _with_note(text: str, entry: LedgerEntry) -> str:
    return gettext("%(what)s: %(note)s") % {"what": text, "note": entry.note} if entry.note else text


_WORDS: dict[LedgerEntry.Kind, Callable[[LedgerEntry], str]] = {
    LedgerEntry.Kind.FREE: _free,
    LedgerEntry.Kind.PLAN: _plan,
    LedgerEntry.Kind.PACK: _pack,
    LedgerEntry.Kind.OPERATOR: _operator,
    LedgerEntry.Kind.GOODWILL: _goodwill,
    LedgerEntry.Kind.IMAGE: _image,
    LedgerEntry.Kind.EXPIRY: _expiry,
    LedgerEntry.Kind.REFUND: _refund,
    LedgerEntry.Kind.DISPUTE: _dispute,
}
