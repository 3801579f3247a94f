"""The numbers of `/metrics`, read from the database and the cache, so that any process can answer for all of them.

Written in Prometheus's text format by hand: all are gauges, and nothing is counted in a process.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone
from redis.exceptions import RedisError

from batches.choices import BatchStatus, PromptStatus
from batches.models import Batch, BatchEvent, Prompt
from batches.runs import heartbeat
from lib.timed_cache import TimedCache
from operations.models import DailyFigure, Figure
from operations.monitoring import queue

#: Name, label, meaning, and the value of each label; without a label its value is empty.
Gauge = tuple[str, str, str, Mapping[str, float]]


def _gauges() -> Iterator[Gauge]:
    now = timezone.now()
    made = Prompt.objects.on_server().filter(ready_at__gt=now - timedelta(minutes=1))
    failed = BatchEvent.objects.filter(to_status=PromptStatus.FAILED, created_at__gt=now - timedelta(hours=1))
    on_hold = Batch.objects.filter(status=BatchStatus.ON_HOLD, deleted_at=None)
    yield _gauge("queue_prompts", "Prompts that wait in batches that may run.", queue.depth())
    yield _gauge("queue_oldest_wait_seconds", "Longest wait of a batch for a worker.", queue.oldest_wait_seconds())
    yield _gauge("images_last_minute", "Images made in the last 60 seconds.", made.count())
    yield _gauge(
        "images_per_minute_limit", "OPENAI_IMAGES_PER_MINUTE; 0 means none.", settings.OPENAI_IMAGES_PER_MINUTE
    )
    yield "failures_last_hour", "code", "Prompts that failed in the last hour.", _counts(failed, "reason")
    yield "batches_on_hold", "reason", "Batches on hold.", _counts(on_hold, "waiting_reason")
    yield _gauge("webhook_deliveries_pending", "Webhook messages to send.", queue.pending_deliveries().count())
    yield _gauge("webhook_lag_seconds", "How late the oldest webhook attempt is.", queue.webhook_lag_seconds())
    yield _gauge("storage_bytes", "Stored images, counted every ten minutes.", _storage_bytes())
    try:
        yield _gauge("workers", "Workers with a heartbeat.", len(heartbeat.alive_workers()))
    except (RedisError, OSError):
        # The number is unknown while the cache can't be reached.
        return


def _storage_bytes() -> int:
    # Summed up by the daily figures, because that reads a row for each image.
    figures = DailyFigure.objects.filter(name=Figure.STORAGE_BYTES).order_by("-day").values_list("value", flat=True)
    return int(figures.first() or 0)


def _gauge(name: str, meaning: str, value: float) -> Gauge:
    return name, "", meaning, {"": value}


def _counts(rows: QuerySet[Any], column: str) -> dict[str, float]:
    return dict(rows.order_by().values_list(column).annotate(Count("pk")))


def _render() -> str:
    lines: list[str] = []
    for name, label, meaning, values in _gauges():
        lines += [f"# HELP iib_{name} {meaning}", f"# TYPE iib_{name} gauge"]
        lines += [f"iib_{name}{_labels(label, key)} {value}" for key, value in values.items()]
    return "\n".join([*lines, ""])


def _labels(label: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{{{label}="{escaped}"}}' if label else ""


#: Several scrapers, or a broken one, ask the database only this often.
text = TimedCache(_render, seconds=10)
