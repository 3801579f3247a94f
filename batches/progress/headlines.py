"""A batch's progress and remaining time, in sentences for the customer."""

from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext

from batches.choices import BatchStatus
from batches.models import Batch
from batches.runs.plan_limit import Split


def duration_in_words(seconds: float) -> str:
    """Return a rounded duration: in steps of 5 seconds below a minute, then in minutes, then in hours."""
    if seconds < 55:
        count = max(5, round(seconds / 5) * 5)
        return ngettext("about %(count)s second", "about %(count)s seconds", count) % {"count": count}
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return ngettext("about %(count)s minute", "about %(count)s minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(count)s hour", "about %(count)s hours", hours) % {"count": hours}


def split_sentence(split: Split, now: datetime) -> str:
    values = {
        "count": intcomma(split.now_count),
        "limit": intcomma(split.limit),
        "time": _time_in_words(split.rest_at, now),
    }
    if split.rest_count > split.limit:
        return gettext("%(count)s today, then up to %(limit)s every 24 hours from %(time)s.") % values
    return gettext("%(count)s today, the rest from %(time)s.") % values


def _time_in_words(time: datetime, now: datetime) -> str:
    local = localtime(time)
    days = (local.date() - localtime(now).date()).days
    values = {"time": time_format(local, "TIME_FORMAT"), "day": date_format(local, "MONTH_DAY_FORMAT")}
    if days > 1:
        return gettext("%(day)s at %(time)s UTC") % values
    return (gettext("tomorrow at %(time)s UTC") if days else pgettext("from", "%(time)s UTC")) % values


def headline(
    batch: Batch, seconds: float | None, now: datetime, split: Split | None = None, rewording: int = 0, delay: str = ""
) -> str:
    """Return a sentence about what is ready, what failed and what is left.

    `seconds` are those left, or those taken once the batch is finished; None if unknown. `rewording` is the number of
    failed prompts that need a new wording. `delay` is a sentence about what the batch is waiting for, if anything.
    """
    sentences = [_ready(batch)]
    if batch.failed_count:
        failed = ngettext("%(count)s failed.", "%(count)s failed.", batch.failed_count)
        sentences.append(failed % {"count": intcomma(batch.failed_count)})
    if rewording:
        sentences.append(rewording_sentence(rewording))
    limit = split_sentence(split, now) if split and split.now_count else ""
    ahead = delay or limit or _ahead(batch, seconds, now)
    return " ".join(filter(None, [*sentences, ahead]))


def rewording_sentence(count: int) -> str:
    text = ngettext("%(count)s needs a new wording.", "%(count)s need a new wording.", count)
    return text % {"count": intcomma(count)}


def _ready(batch: Batch) -> str:
    values = {"ready": intcomma(batch.ready_count), "images": batch.kind.counted(batch.total)}
    if batch.ready_count == batch.total:
        return ngettext("%(images)s is ready.", "All %(images)s are ready.", batch.total) % values
    return ngettext("%(ready)s of %(images)s is ready.", "%(ready)s of %(images)s are ready.", batch.total) % values


def _ahead(batch: Batch, seconds: float | None, now: datetime) -> str:
    if batch.status == BatchStatus.FINISHED:
        return gettext("Finished in %(time)s.") % {"time": duration_in_words(seconds)} if seconds else ""
    if batch.status == BatchStatus.ON_HOLD:
        return f"{batch.get_waiting_reason_display()} {_resumption(batch, now)}"
    if batch.status == BatchStatus.QUEUED:
        return gettext("Starting soon.")
    if seconds is not None:
        return gettext("%(time)s left.") % {"time": capfirst(duration_in_words(seconds))}
    return ""


def _resumption(batch: Batch, now: datetime) -> str:
    if batch.resume_at is None:
        return gettext("We’re fixing this. What is ready is safe, and you won’t be charged while you wait.")
    wait = duration_in_words(max(0.0, (batch.resume_at - now).total_seconds()))
    at = time_format(localtime(batch.resume_at), "TIME_FORMAT")
    return gettext("It continues automatically in %(time)s, at %(at)s UTC.") % {"time": wait, "at": at}
