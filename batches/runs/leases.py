"""Leases: a worker thread leases a batch, so that at most one upstream call is in flight for it.

A lease is a token and an expiry time on the batch row. A background thread renews it. If the worker dies, the lease
expires after `LEASE_SECONDS`, and the sweep enqueues the batch for another worker.
Leases use the database's clock: a worker whose own clock is wrong would take batches from the others.
"""

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, connection, transaction
from django.db.models import Q
from django.db.models.expressions import Combinable

from batches.choices import RUNNABLE
from batches.models import Batch
from batches.runs.outages import Outage
from lib.database_time import DatabaseNow
from lib.timed_cache import TimedCache

logger = logging.getLogger(__name__)

#: Between two images a batch briefly has no lease. Of hundreds of batches, some always are in that moment.
COUNTS_AS_WAITING_AFTER = timedelta(seconds=3)

#: The prefix of tokens that no worker holds, and the length of all tokens.
_LEFT, _TOKEN_LENGTH = "-", 32

_live: dict[str, uuid.UUID] = {}
_live_lock = threading.Lock()
_renewer: threading.Thread | None = None
#: When this process found the database unavailable.
outage = Outage()


class LeaseLost(Exception):
    """Another worker has leased the batch: this worker must not record its result."""


@transaction.atomic
def claim(batch_id: uuid.UUID) -> str | None:
    """Lease the batch if it is runnable or abandoned, and not leased; return the token."""
    now, token = DatabaseNow(), uuid.uuid4().hex
    runnable = Q(Q(not_before=None) | Q(not_before__lte=now), status__in=RUNNABLE)
    free = Q(lease_until=None)
    if outage.is_over(settings.LEASE_SECONDS):
        free |= Q(lease_until__lt=now)
    claimable = Batch.objects.filter(free, runnable | ~Q(lease_token=""), pk=batch_id)
    return token if claimable.update(lease_token=token, lease_until=_end()) else None


def note_outage() -> None:
    """Let expired leases count for one more period: no worker could renew them while the database was unavailable.

    Otherwise the calls that are in flight after an outage would be made, and paid, once more.
    """
    outage.note_failure(settings.LEASE_SECONDS)


def any_batch_waits() -> bool:
    return Batch.objects.stalled(COUNTS_AS_WAITING_AFTER).exists()


#: Cached for a second.
does_any_wait = TimedCache(any_batch_waits, seconds=1.0)


def release(batch_id: uuid.UUID, token: str, *, delay_seconds: float = 0) -> None:
    """Release the lease without a result. The batch is runnable again after `delay_seconds`."""
    now = DatabaseNow()
    not_before = now + timedelta(seconds=delay_seconds)
    Batch.objects.filter(pk=batch_id, lease_token=token).update(
        lease_token="", lease_until=None, not_before=not_before, enqueued_at=now
    )


def left(seconds: float) -> dict[str, Any]:
    """Return the changes of a batch whose image is made at Replicate: no worker claims it for that long.

    It stays leased, because it has an image in flight, but no worker holds the new token.
    """
    token = f"{_LEFT}{uuid.uuid4().hex}"[:_TOKEN_LENGTH]
    now = DatabaseNow()
    return {"lease_token": token, "lease_until": now + timedelta(seconds=seconds), "enqueued_at": now}


def leave(batch_id: uuid.UUID, token: str, seconds: float) -> None:
    """Leave the batch for that long, with its image in flight."""
    Batch.objects.filter(pk=batch_id, lease_token=token).update(**left(seconds))


def expire(batch_id: uuid.UUID) -> int:
    """End the lease of a batch that was left, so that a worker claims it now; return 0 if it wasn't left."""
    unattended = Batch.objects.filter(pk=batch_id, lease_token__startswith=_LEFT)
    return unattended.update(lease_until=DatabaseNow() - timedelta(seconds=1), enqueued_at=None)


def leave_database() -> None:
    """Close the connection to a database server: all workers together have more threads than it allows connections."""
    if connection.vendor != "sqlite":
        connection.close()


@contextmanager
def renewed(batch_id: uuid.UUID, token: str) -> Iterator[None]:
    """Renew the lease in the background until the block ends."""
    _start_renewer()
    with _live_lock:
        _live[token] = batch_id
    try:
        yield
    finally:
        with _live_lock:
            del _live[token]


def renew() -> None:
    """Renew all leases that this process holds, in one statement."""
    with _live_lock:
        live = dict(_live)
    if live:
        mine = Batch.objects.filter(pk__in=list(live.values()), lease_token__in=list(live))
        mine.update(lease_until=_end())


def _end() -> Combinable:
    return DatabaseNow() + timedelta(seconds=settings.LEASE_SECONDS)


def _start_renewer() -> None:
    global _renewer
    with _live_lock:
        if _renewer is None or not _renewer.is_alive():
            _renewer = threading.Thread(target=_renew_for_ever, name="lease-renewer", daemon=True)
            _renewer.start()


def _renew_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(settings.LEASE_RENEWAL_SECONDS):
        if not _live:
            continue
        try:
            renew()
        except AnyDatabaseError as error:
            note_outage()
            logger.warning("could not renew the leases: %s", error)
        finally:
            close_old_connections()
