"""How long the server stores images, for pages and emails."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from batches.models import Batch

#: The customer is warned this long before an image that no browser has saved is deleted.
_WARNING = timedelta(days=2)


@dataclass(frozen=True)
class Retention:
    """How many images of a batch no browser has saved yet, and when the server deletes the first of them.

    If all are saved, `until` is when the last one is deleted; None if the server has none.
    """

    unsaved_count: int
    until: datetime | None


def of(batch: Batch) -> Retention:
    unsaved = Q(confirmed_at=None)
    facts = batch.prompts.on_server().aggregate(
        count=Count("pk", filter=unsaved), oldest=Min("ready_at", filter=unsaved), confirmed_at=Max("confirmed_at")
    )
    if facts["count"]:
        return Retention(facts["count"], facts["oldest"] + _max_age())
    return Retention(0, facts["confirmed_at"] and facts["confirmed_at"] + timedelta(hours=settings.IMAGE_GRACE_HOURS))


def warn_at(until: datetime) -> datetime:
    return until - min(_WARNING, _max_age() / 2)


def first_warning_at() -> Coalesce:
    """Return the value of `Batch.expiry_mail_at` after an image is delivered: the earliest warning."""
    return Coalesce(F("expiry_mail_at"), Value(warn_at(timezone.now() + _max_age())))


def sentence(batch: Batch) -> str:
    images = of(batch)
    if images.until is None:
        return policy() if batch.open_count else ""
    if not images.unsaved_count:
        text = gettext(
            "One of your browsers has saved everything that is finished. The server keeps its copies until %(time)s."
        )
    else:
        text = ngettext(
            "No browser has saved %(images)s yet. The server keeps it until %(time)s.",
            "No browser has saved %(images)s yet. The server keeps them until %(time)s.",
            images.unsaved_count,
        )
    return text % {"images": batch.kind.counted(images.unsaved_count), "time": moment(images.until)}


def policy() -> str:
    return gettext(
        "We keep a file on our server for %(grace)s after your browser has saved it, and for %(age)s if none has."
    ) % {"grace": _in_words(settings.IMAGE_GRACE_HOURS), "age": _in_words(settings.IMAGE_MAX_AGE_HOURS)}


def moment(time: datetime) -> str:
    return gettext("%(time)s UTC") % {"time": date_format(localtime(time), "DATETIME_FORMAT")}


def _in_words(hours: int) -> str:
    if hours % 24 or hours == 24:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}


def _max_age() -> timedelta:
    return timedelta(hours=settings.IMAGE_MAX_AGE_HOURS)
