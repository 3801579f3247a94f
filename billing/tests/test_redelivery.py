"""Webhook deliveries in the admin: shown, and run again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from djstripe.models import APIKey, Event, WebhookEventTrigger
from djstripe.signals import webhook_post_process

from accounts.models import User
from billing.payments import refunds
from billing.stripe import redelivery
from tests.cast import SignedIn

pytestmark = pytest.mark.django_db
LIST = "admin:djstripe_webhookeventtrigger_changelist"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "charge.refunded",
    "livemode": False,
    "created": 1_790_000_000,
    "data": {"object": {"id": "ch_1", "object": "charge"}},
}


def delivery(*, valid: bool = True, body: str = json.dumps(EVENT)) -> WebhookEventTrigger:
    return WebhookEventTrigger.objects.create(
        remote_ip="127.0.0.1", headers={}, body=body, valid=valid, exception="it failed"
    )


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replace what is run; return what it was called with."""
    ran: list[Any] = []
    monkeypatch.setattr(redelivery, "run_again", ran.append)
    return ran


def run_from_admin(client: Client, chosen: WebhookEventTrigger) -> str:
    form = {"action": "run_again", "_selected_action": [chosen.pk]}
    return client.post(reverse(LIST), form, follow=True).content.decode()


def test_an_operator_sees_what_came_and_runs_it_again(olga: User, signed_in: SignedIn, run: list[Any]) -> None:
    client, failed = signed_in(olga), delivery()
    assert "it failed" in client.get(reverse(LIST)).content.decode()
    assert "charge.refunded: done" in run_from_admin(client, failed)
    assert run == [failed]


def test_a_delivery_with_a_wrong_signature_is_never_run(
    olga: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "book_refunds", lambda charge_id: pytest.fail("it was run"))
    assert "invalid signature, not processed" in run_from_admin(signed_in(olga), delivery(valid=False))


@pytest.mark.parametrize("body", ["", "[]", "null", '"text"', "{}", "(error decoding body)", '{"data": {"object": 1}}'])
def test_any_body_is_shown_and_none_but_an_event_is_run(olga: User, signed_in: SignedIn, body: str) -> None:
    client, strange = signed_in(olga), delivery(body=body)
    assert "it failed" in client.get(reverse(LIST)).content.decode()
    assert client.get(reverse("admin:djstripe_webhookeventtrigger_change", args=[strange.pk])).status_code == 200
    assert "not processed" in run_from_admin(client, strange)


def test_the_admin_does_not_show_stripes_keys() -> None:
    assert APIKey not in admin.site._registry


@pytest.fixture
def booked(db: None) -> Event:
    """The event of `delivery`, as dj-stripe stores it once it is booked."""
    return Event.objects.create(id=EVENT["id"], type=EVENT["type"], livemode=False, data=EVENT["data"])


def failed_count() -> int:
    return redelivery.failed_since(timezone.now() - timedelta(hours=1)).count()


def test_a_delivery_that_failed_counts_until_stripe_has_sent_the_event_again(booked: Event) -> None:
    other = delivery(body=json.dumps({**EVENT, "id": "evt_12"}))
    delivery()
    assert failed_count() == 2
    webhook_post_process.send(
        sender=WebhookEventTrigger, instance=WebhookEventTrigger(body=json.dumps(EVENT), event=booked)
    )
    assert list(redelivery.failed_since(timezone.now() - timedelta(hours=1))) == [other]


def test_a_delivery_that_failed_counts_until_an_operator_has_run_it_again(
    olga: User, signed_in: SignedIn, booked: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Event, "invoke_webhook_handlers", lambda event: None)
    assert "charge.refunded: done" in run_from_admin(signed_in(olga), delivery())
    assert failed_count() == 0
