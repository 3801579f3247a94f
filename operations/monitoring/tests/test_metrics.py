"""`/metrics`: who may read it, and whether its numbers are right."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from accounts.models import User
from batches.models import BatchEvent, WebhookDelivery
from batches.runs import heartbeat
from operations.models import DailyFigure
from operations.monitoring import metrics
from tests.cast import MakeBatch, deliver_next, fail_next

SAMPLE = re.compile(r'iib_[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"\})? [0-9.e+-]+')


@pytest.fixture(autouse=True)
def token(settings: Any) -> str:
    settings.METRICS_TOKEN = "a-long-secret"
    return "a-long-secret"


def samples() -> dict[str, float]:
    metrics.text.clear()
    lines = [line for line in metrics.text().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("configured", "sent", "status"),
    [
        ("", "Bearer ", 404),
        ("secret", "", 401),
        ("secret", "Bearer wrong", 401),
        ("secret", "Bearer sécret", 401),
        ("secret", "secret", 401),
        ("secret", "Bearer secret", 200),
    ],
)
def test_only_whoever_has_the_token_sees_metrics(
    client: Client, settings: Any, configured: str, sent: str, status: int
) -> None:
    settings.METRICS_TOKEN = configured
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == status


def test_the_numbers_of_a_known_set_of_rows(alice: User, make_batch: MakeBatch, settings: Any) -> None:
    settings.OPENAI_IMAGES_PER_MINUTE = 20
    first, second, third = (make_batch(alice, 3) for _ in range(3))
    deliver_next(first)
    fail_next(first, "refused")
    fail_next(second, "truncated")
    second.pause(alice)
    third.wait("storage")
    BatchEvent.objects.filter(reason="truncated").update(created_at=timezone.now() - timedelta(hours=2))
    BatchEvent.objects.filter(batch=first).update(created_at=timezone.now() - timedelta(seconds=90))
    for days_ago, size in ((1, 7_000), (0, 9_000_000_000)):
        DailyFigure.objects.create(
            day=timezone.now().date() - timedelta(days=days_ago), name="storage_bytes", value=size
        )
    found = samples()
    assert found["iib_queue_oldest_wait_seconds"] == pytest.approx(90, abs=20)
    assert {name: found[name] for name in found if "wait_seconds" not in name and "workers" not in name} == {
        "iib_queue_prompts": 1,
        "iib_images_last_minute": 1,
        "iib_images_per_minute_limit": 20,
        'iib_failures_last_hour{code="refused"}': 1,
        'iib_batches_on_hold{reason="storage"}': 1,
        "iib_storage_bytes": 9_000_000_000,
        "iib_webhook_deliveries_pending": 0,
        "iib_webhook_lag_seconds": 0,
    }


def test_webhook_messages_that_are_late(bob: User) -> None:
    now = timezone.now()
    for minutes in (-5, 10):
        at = now + timedelta(minutes=minutes)
        WebhookDelivery.objects.create(user=bob, url="https://example.org", event="image.ready", next_attempt_at=at)
    assert samples()["iib_webhook_deliveries_pending"] == 2
    assert samples()["iib_webhook_lag_seconds"] == pytest.approx(300, abs=20)


@pytest.mark.django_db
def test_workers_are_left_out_while_the_cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat.beat()
    assert samples()["iib_workers"] == 1

    def away(*args: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(type(caches["default"]), "get", away)
    assert "iib_workers" not in samples()
    assert "iib_queue_prompts" in samples()


def test_each_line_is_in_prometheus_format(alice: User, make_batch: MakeBatch) -> None:
    fail_next(make_batch(alice), 'a "quoted" \\ code\nof two lines')
    metrics.text.clear()
    lines = metrics.text().splitlines()
    assert [line for line in lines if not line.startswith("# ") and not SAMPLE.fullmatch(line)] == []
    assert any("quoted" in line for line in lines)
