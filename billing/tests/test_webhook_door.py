"""The door for Stripe's events: whatever stands in front of it, a delivery is kept and no database objects."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from djstripe.models import WebhookEndpoint, WebhookEventTrigger

from billing.webhooks import LARGEST_BODY

pytestmark = pytest.mark.django_db
SIGNED_BY_NOBODY = {"HTTP_STRIPE_SIGNATURE": "t=1,v1=00"}


@pytest.fixture
def url() -> str:
    key = uuid.uuid4()
    WebhookEndpoint.objects.create(
        id="we_1", djstripe_uuid=key, url=f"http://testserver/stripe/webhook/{key}/", secret="whsec_1", livemode=False,
        enabled_events=["*"], api_version="2026-05-27.dahlia", stripe_data={},
    )  # fmt: skip
    return f"/stripe/webhook/{key}/"


def deliver(url: str, body: Any = None, **headers: str) -> int:
    event = json.dumps(body or {"id": "evt_1", "object": "event", "livemode": False, "data": {"object": {}}})
    return Client().post(url, event, "application/json", **SIGNED_BY_NOBODY, **headers).status_code


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize(
    "forwarded_for",
    ["f" * 500, "x" * 40, "203.0.113.9, " + "9" * 45, "0000:0000:0000:0000:0000:ffff:255.255.255.255 ", "fe80::1%eth0"],
)
def test_a_sender_of_any_length_is_kept(url: str, settings: Any, forwarded_for: str, is_public: bool) -> None:
    settings.IS_PUBLIC = is_public
    assert deliver(url, HTTP_X_FORWARDED_FOR=forwarded_for) == 400
    assert WebhookEventTrigger.objects.get().valid is False


def test_behind_our_proxy_the_last_address_is_the_senders(url: str, settings: Any) -> None:
    settings.IS_PUBLIC = True
    deliver(url, HTTP_X_FORWARDED_FOR="1.1.1.1, 203.0.113.9")
    assert WebhookEventTrigger.objects.get().remote_ip == "203.0.113.9"


def test_without_a_proxy_nobody_is_believed(url: str, settings: Any) -> None:
    settings.IS_PUBLIC = False
    deliver(url, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert WebhookEventTrigger.objects.get().remote_ip == "127.0.0.1"


def test_a_socket_file_as_sender_is_no_fault(url: str) -> None:
    assert deliver(url, REMOTE_ADDR="") == 400


def test_what_is_too_large_is_not_kept(url: str) -> None:
    assert deliver(url, {"id": "evt_1", "padding": "x" * LARGEST_BODY}) == 413
    assert not WebhookEventTrigger.objects.exists()


def test_an_event_of_the_other_mode_is_not_kept(url: str) -> None:
    assert deliver(url, {"id": "evt_1", "livemode": True, "data": {"object": {}}}) == 400
    assert not WebhookEventTrigger.objects.exists()


@pytest.mark.parametrize("body", [[], "text", {"livemode": "false"}, {"id": "evt_1", "livemode": False, "data": None}])
def test_what_is_no_event_is_refused(url: str, body: Any) -> None:
    assert deliver(url, body) == 400
