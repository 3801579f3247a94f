"""Recovery: finding the batches that have work and nobody working on it."""

import uuid
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import DateTimeField
from django.utils import timezone

from accounts.statements import CompiledQuery, Parameter
from batches.models import Batch

#: Where a sweep notes the time, for `/healthz`.
HEARTBEAT_KEY = "worker-heartbeat"
#: More than this in one sweep would only queue up.
_SWEEP_LIMIT = 500
#: A hint older than this is taken as lost, and the sweep gives another.
HINT_LASTS = timedelta(seconds=10)
# Every worker asks them every second or three, for nothing most of the time.
_NOW = Parameter("now", DateTimeField())
_DUE = CompiledQuery(lambda: Batch.objects.due(_NOW)[:_SWEEP_LIMIT])
_STALLED = CompiledQuery(
    lambda: (
        Batch.objects.stalled(_NOW, hinted_before=Parameter("before", DateTimeField()))
        .order_by("hinted_at")
        .values_list("pk", "hinted_at")[:_SWEEP_LIMIT]
    )
)
_ABANDONED = CompiledQuery(lambda: Batch.objects.abandoned(_NOW).values_list("pk")[:_SWEEP_LIMIT])


def sweep() -> list[uuid.UUID]:
    """Return the batches to hint at, each noted as hinted so that no other sweep repeats it."""
    now = timezone.now()
    cache.set(HEARTBEAT_KEY, now, timeout=None)
    for batch in _DUE.all(now=now):
        batch.go_on()
    hints = [pk for pk, hinted_at in _STALLED.all(now=now, before=now - HINT_LASTS) if _note_hint(pk, hinted_at)]
    return hints + [pk for (pk,) in _ABANDONED.all(now=now)]


def _note_hint(pk: uuid.UUID, hinted_at: datetime | None) -> int:
    return Batch.objects.filter(pk=pk, hinted_at=hinted_at).update(hinted_at=timezone.now())
