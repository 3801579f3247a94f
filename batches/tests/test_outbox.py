"""Webhook messages are saved in the transaction of the change that they report."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.clients.openai import ImageAnswer
from batches.models import Batch, WebhookDelivery, WebhookEndpoint
from batches.pictures.finish import finish
from batches.references import uploads
from tests.cast import MakeBatch, begin, deliver_next, fail_next, png

URL = "https://alice.example.org/hook"
PICTURE = finish(png(), format="png", ratio="1:1")


def events() -> list[tuple[str, Any]]:
    return [(delivery.event, json.loads(delivery.body)["data"]) for delivery in WebhookDelivery.objects.order_by("id")]


@pytest.fixture
def endpoint(alice: User) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(user=alice, url=URL)


def test_the_end_of_a_batch_sends_a_webhook(alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint) -> None:
    batch = make_batch(alice, 2)
    deliver_next(batch)
    fail_next(batch)
    [(event, data)] = events()
    assert event == "batch.finished"
    assert data == {
        "id": str(batch.pk),
        "status": "finished",
        "total": 2,
        "ready": 1,
        "failed": 1,
        "waiting": 0,
        "url": f"{settings.SITE_URL}/batches/{batch.pk}/",
        "references_deleted": 0,
    }


def test_the_bodies_stay_the_same_to_the_byte(
    alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    WebhookEndpoint.objects.update(on_image_ready=True)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 21, 12, 0, 0, 5999, UTC))
    batch = make_batch(alice, ["café"])
    deliver_next(batch)
    bodies = WebhookDelivery.objects.order_by("id").values_list("body", flat=True)
    assert [body.replace(str(batch.pk), "ID").replace(settings.SITE_URL, "") for body in bodies] == [
        '{"type": "image.ready", "timestamp": "2026-11-21T12:00:00.005+00:00", "data": {"id": "ID", '
        '"status": "running", "total": 1, "ready": 1, "failed": 0, "waiting": 0, "url": "/batches/ID/", '
        '"image": {"position": 1, "name": "caf\\u00e9.png", "kind": "image", "origin": null, "version": 1, '
        '"is_edit": false, "references": 0}}}',
        '{"type": "batch.finished", "timestamp": "2026-11-21T12:00:00.005+00:00", "data": {"id": "ID", '
        '"status": "finished", "total": 1, "ready": 1, "failed": 0, "waiting": 0, "url": "/batches/ID/", '
        '"references_deleted": 0}}',
    ]


def test_a_batch_on_hold_sends_a_webhook(alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint) -> None:
    batch = make_batch(alice)
    turn, _ = begin(batch)
    turn.wait("daily_limit", timezone.now() + timedelta(hours=1))
    assert [(event, data["status"], data["waiting"]) for event, data in events()] == [("batch.waiting", "waiting", 3)]


def test_a_cancelled_batch_has_come_to_its_end(alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint) -> None:
    lifecycle.cancel(make_batch(alice), alice)
    assert [(event, data["status"], data["waiting"]) for event, data in events()] == [
        ("batch.finished", "cancelled", 0)
    ]


@pytest.mark.parametrize(
    ("end", "ready", "failed"),
    [
        (lambda turn, prompt: turn.deliver(prompt, PICTURE, ImageAnswer(b"", "", None)), 1, 0),
        (lambda turn, prompt: turn.fail(prompt, "refused"), 0, 1),
        (lambda turn, prompt: turn.requeue(prompt), 0, 0),
    ],
)
def test_a_cancelled_batch_is_reported_again_when_its_image_in_flight_has_ended(
    alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint, end: Any, ready: int, failed: int
) -> None:
    batch = make_batch(alice)
    turn, prompt = begin(batch)
    lifecycle.cancel(batch, alice)
    end(turn, prompt)
    counts = [(data["status"], data["ready"], data["failed"], data["waiting"]) for _event, data in events()]
    assert counts == [("cancelled", 0, 0, 1), ("cancelled", ready, failed, 0)]


def test_a_deleted_batch_is_not_reported_again(alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint) -> None:
    batch = make_batch(alice)
    turn, prompt = begin(batch)
    lifecycle.delete(batch, alice)
    turn.deliver(prompt, PICTURE, ImageAnswer(b"", "", None))
    assert len(events()) == 1


def test_images_send_webhooks_only_to_endpoints_that_ask_for_it(
    alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint
) -> None:
    curious = WebhookEndpoint.objects.create(user=alice, url=f"{URL}/2", on_finished=False, on_image_ready=True)
    batch = make_batch(alice, ["a cat"])
    deliver_next(batch)
    assert [event for event, _ in events()] == ["image.ready", "batch.finished"]
    assert events()[0][1]["image"] == {
        "position": 1,
        "kind": "image",
        "name": "a cat.png",
        "origin": None,
        "version": 1,
        "is_edit": False,
        "references": 0,
    }
    assert list(curious.deliveries.values_list("event", flat=True)) == ["image.ready"]


@pytest.mark.parametrize("end", [deliver_next, lambda batch: lifecycle.cancel(batch, batch.user)])
def test_the_last_webhook_says_how_many_photos_were_deleted(
    alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint, end: Callable[[Batch], object]
) -> None:
    photos = [uploads.store(alice, ContentFile(png(300, 300))) for _ in range(2)]
    end(make_batch(alice, 1, references=photos))
    assert [data["references_deleted"] for _event, data in events()] == [2]


def test_the_webhook_says_that_an_image_is_made_from_photos(alice: User, make_batch: MakeBatch) -> None:
    WebhookEndpoint.objects.create(user=alice, url=URL, on_finished=False, on_image_ready=True)
    deliver_next(make_batch(alice, 1, references=[uploads.store(alice, ContentFile(png(300, 300)))]))
    [(_event, data)] = events()
    assert (data["image"]["references"], data["image"]["is_edit"]) == (1, False)


def test_the_batchs_own_url_gets_its_webhooks(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 1)
    Batch.objects.update(webhook_url=URL)
    deliver_next(batch)
    assert list(WebhookDelivery.objects.values_list("event", "endpoint", "url")) == [("batch.finished", None, URL)]


def test_an_endpoint_that_is_switched_off_gets_no_webhook(
    alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint
) -> None:
    endpoint.disable("customer")
    deliver_next(make_batch(alice, 1))
    assert events() == []


def test_strangers_get_no_webhook(alice: User, charlie: User, make_batch: MakeBatch) -> None:
    WebhookEndpoint.objects.create(user=charlie, url=URL, on_image_ready=True)
    deliver_next(make_batch(alice, 1))
    assert events() == []


def test_a_change_that_is_rolled_back_sends_no_webhook(
    alice: User, make_batch: MakeBatch, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(alice, 1)
    turn, prompt = begin(batch)
    monkeypatch.setattr(Batch, "finish", lambda batch: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        turn.fail(prompt, "refused")
    assert events() == []


def test_an_image_takes_no_further_query_without_webhooks(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    with CaptureQueriesContext(connection) as queries:
        deliver_next(batch)
    assert not [query for query in queries if query["sql"].startswith("SELECT") and 'FROM "batches_webhook' in query]
    assert [sql for sql in (query["sql"] for query in queries) if "INSERT" in sql and "webhook" in sql] == []
