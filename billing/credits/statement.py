"""A customer's statement: each movement of credits in words, with the balance after it. A batch is one line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.credits.ledger import account_of
from billing.models import Hold, LedgerEntry

PAGE_SIZE = 25
#: Most images that the line of a batch lists when it is opened. The batch's page has all of them.
SHOWN_IMAGES = 20
TITLE_CHARACTERS = 50


@dataclass(frozen=True)
class Line:
    """One movement, or all images of a batch. `batch_id` is empty once the customer has deleted the batch."""

    at: datetime
    words: str
    amount: int
    balance: int
    batch_id: str = ""
    images: tuple[LedgerEntry, ...] = ()
    images_not_shown: int = 0


@dataclass(frozen=True)
class Statement:
    lines: list[Line]
    page: Page


def statement(user: User, page_number: Any = 1) -> Statement:
    """Return a page of the user's statement. A page number out of range returns the nearest page.

    A batch is listed at the time of its newest image. So the balance between two lines is the sum of the older lines,
    not what it was at that second.
    """
    balance = account_of(user).balance
    mine = LedgerEntry.objects.of(user)
    page = Paginator(_heads(mine).select_related("grant", "hold"), PAGE_SIZE).get_page(page_number)
    entries = list(page.object_list)
    if entries:
        balance -= _newer(mine, entries[0]).aggregate(newer=Sum("amount", default=0))["newer"]
    return Statement(list(_lines(entries, balance)), page)


def _heads(mine: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    """Return the entries that begin a line: of a batch the newest one."""
    newest = mine.exclude(hold=None).order_by().values("hold").annotate(newest=Max("pk")).values("newest")
    return mine.filter(Q(hold=None) | Q(pk__in=newest))


def _newer(mine: QuerySet[LedgerEntry], first: LedgerEntry) -> QuerySet[LedgerEntry]:
    """Return the entries of all lines above the one that begins with `first`."""
    newer = mine.filter(pk__gt=first.pk)
    batches = newer.exclude(hold=None).order_by().values("hold")
    return mine.filter(Q(hold=None, pk__gt=first.pk) | Q(hold__in=batches))


def _lines(entries: list[LedgerEntry], balance: int) -> Iterable[Line]:
    images = LedgerEntry.objects.filter(hold__in=[entry.hold_id for entry in entries if entry.hold_id]).order_by()
    sums = images.values_list("hold").annotate(total=Sum("amount"), count=Count("pk"))
    totals = {hold: (total, count) for hold, total, count in sums}
    number = Window(RowNumber(), partition_by="hold", order_by=F("pk").asc())
    shown = defaultdict(list)
    for image in images.annotate(number=number).filter(number__lte=SHOWN_IMAGES).order_by("pk"):
        shown[image.hold_id].append(image)
    for entry in entries:
        if entry.hold:
            line = _batch_line(entry, entry.hold, shown[entry.hold_id], *totals[entry.hold_id], balance)
        else:
            line = Line(entry.created_at, in_words(entry), entry.amount, balance)
        yield line
        balance -= line.amount


def _batch_line(
    newest: LedgerEntry, hold: Hold, images: Sequence[LedgerEntry], total: int, count: int, balance: int
) -> Line:
    named = [image for image in images if image.note]
    if not named:
        return Line(newest.created_at, gettext("Images from a deleted batch"), total, balance)
    title = Truncator(named[0].note).chars(TITLE_CHARACTERS)
    words = ngettext("%(count)s image: %(title)s", "%(count)s images: %(title)s", count)
    return Line(
        newest.created_at,
        words % {"title": title, "count": count},
        total,
        balance,
        batch_id=hold.key.removeprefix("batch:"),
        images=tuple(images),
        images_not_shown=count - len(images),
    )


def in_words(entry: LedgerEntry) -> str:
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
