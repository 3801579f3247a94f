"""Requests counted per key and day, without a write for each request.

Each process keeps its counts in memory and adds them to `KeyUsageDay` every few seconds, when it ends, and when
usage is looked at. A process that is killed loses the counts of those seconds; credits are never counted here.
"""

import atexit
import logging
import os
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime

from django.db import Error as DatabaseTrouble
from django.db import connection, transaction
from django.db.models import F

from accounts.models import ApiKey, KeyUsageDay

logger = logging.getLogger(__name__)

_WRITE_EVERY_SECONDS = 2.0


class _Counts:
    """The counts of one process that are not in the database yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.writing = threading.Lock()
        self.by_key_and_day: Counter[tuple[int, date]] = Counter()
        self.has_writer = False


_counts = _Counts()


def count(key: ApiKey) -> None:
    """Count one request that came with the key."""
    with _counts.lock:
        _counts.by_key_and_day[key.pk, datetime.now(UTC).date()] += 1
        is_first, _counts.has_writer = not _counts.has_writer, True
    if is_first:
        _start_writer()


def flush() -> None:
    """Add to the database what this process has counted; after a `DatabaseTrouble` the counts are kept."""
    with _counts.writing:
        with _counts.lock:
            taken, _counts.by_key_and_day = _counts.by_key_and_day, Counter()
        try:
            _add(taken)
        except DatabaseTrouble:
            with _counts.lock:
                _counts.by_key_and_day.update(taken)
            raise


def _add(counts: Counter[tuple[int, date]]) -> None:
    known = set(ApiKey.objects.filter(pk__in={key_id for key_id, _ in counts}).values_list("pk", flat=True))
    # In one order everywhere, so that two processes cannot wait for each other; the key may have gone with its owner.
    days = sorted(day for day in counts if day[0] in known)
    _open(days)
    with transaction.atomic():
        for key_id, on in days:
            KeyUsageDay.objects.filter(key_id=key_id, on=on).update(requests=F("requests") + counts[key_id, on])


def _open(days: list[tuple[int, date]]) -> None:
    """Insert the rows that are missing, each in a transaction of its own.

    On MariaDB an insert that meets another one's row keeps a shared lock on it until its transaction ends; two that
    then want to update the row are a deadlock.
    """
    opened = KeyUsageDay.objects.filter(key__in={key_id for key_id, _ in days}, on__in={on for _, on in days})
    there = set(opened.values_list("key_id", "on"))
    for key_id, on in days:
        if (key_id, on) not in there:
            KeyUsageDay.objects.get_or_create(key_id=key_id, on=on)


def _start_writer() -> None:
    threading.Thread(target=_write_for_ever, name="key-usage", daemon=True).start()
    atexit.register(_write_safely)


def _write_for_ever() -> None:
    while True:
        time.sleep(_WRITE_EVERY_SECONDS)
        _write_safely()


def _write_safely() -> None:
    if not _counts.by_key_and_day:
        return
    try:
        flush()
    except DatabaseTrouble:
        logger.warning("requests per key could not be written down; they are kept for the next time", exc_info=True)
    finally:
        connection.close()


def forget() -> None:
    """Begin anew in a forked process: its counts are copies of its parent's, and nobody will open its locks."""
    global _counts
    _counts = _Counts()


os.register_at_fork(after_in_child=forget)
