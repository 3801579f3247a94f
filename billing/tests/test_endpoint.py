"""The endpoint of Stripe's events: what is no event is refused, and no sender causes a 500."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from djstripe.models import WebhookEndpoint, WebhookEventTrigger

from billing.stripe.endpoint import LARGEST_BODY

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
EVENT = {"id": "evt_1", "type": "invoice.paid", "livemode": False, "data": {"object": {"id": "in_1"}}}
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
    event = json.dumps(body or EVENT)
    return Client().post(url, event, "application/json", **{**SIGNED_BY_NOBODY, **headers}).status_code


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize(
    "forwarded_for",
    ["f" * 500, "x" * 40, "203.0.113.9, " + "9" * 45, "0000:0000:0000:0000:0000:ffff:255.255.255.255 ", "fe80::1%eth0"],
)
def test_a_sender_of_any_length_is_stored(url: str, settings: Any, forwarded_for: str, proxies: int) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert deliver(url, HTTP_X_FORWARDED_FOR=forwarded_for) == 400
    assert WebhookEventTrigger.objects.get().valid is False


def test_behind_our_proxy_the_last_address_is_the_senders(url: str, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    deliver(url, HTTP_X_FORWARDED_FOR="1.1.1.1, 203.0.113.9")
    assert WebhookEventTrigger.objects.get().remote_ip == "203.0.113.9"


def test_without_a_proxy_nobody_is_believed(url: str, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    deliver(url, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert WebhookEventTrigger.objects.get().remote_ip == "127.0.0.1"


def test_a_socket_file_as_sender_is_no_fault(url: str) -> None:
    assert deliver(url, REMOTE_ADDR="") == 400


def test_events_that_are_too_large_are_not_stored(url: str) -> None:
    assert deliver(url, {"id": "evt_1", "padding": "x" * LARGEST_BODY}) == 413
    assert not WebhookEventTrigger.objects.exists()


def test_an_event_of_the_other_mode_is_not_stored(url: str) -> None:
    assert deliver(url, {**EVENT, "livemode": True}) == 400
    assert not WebhookEventTrigger.objects.exists()


NESTED = '{"id": "evt_1", "livemode": false, "data": ' + "[" * 100_000 + "]" * 100_000 + "}"


def test_what_is_no_event_is_refused(url: str) -> None:
    bodies = ["", "[]", "[" * 100_000, NESTED, "1", "null", '"id livemode"', "{", "\xff", "9" * 5_000]
    bodies.append('{"livemode": "false"}')
    answers = [
        (body[:20], Client().post(url, body.encode("latin-1"), "application/json", **SIGNED_BY_NOBODY).status_code)
        for body in bodies
    ]
    assert [(body, status) for body, status in answers if status != 400] == []
    assert not WebhookEventTrigger.objects.exists()


def test_an_event_without_ids_is_refused(url: str) -> None:
    changes: list[dict[str, Any]] = [
        {"id": 1},
        {"type": None},
        {"data": None},
        {"data": []},
        {"data": {"object": "in_1"}},
        {"data": {"object": {"object": "invoice"}}},
        {"data": {"object": {"id": ["in_1"]}}},
        {"data": {"object": {"id": "in_1", "customer": 7}}},
        {"data": {"object": {"id": "re_1", "charge": {"amount": 5}}}},
    ]
    events = [{**EVENT, **change} for change in changes]
    assert [(event, status) for event in events if (status := deliver(url, event, **signed(event))) != 400] == []
    assert not WebhookEventTrigger.objects.exists()


def test_an_invoice_that_does_not_exist_yet_needs_no_id(url: str) -> None:
    event = {**EVENT, "type": "invoice.upcoming", "data": {"object": {"customer": "cus_1"}}}
    assert deliver(url, event) == 400
    assert WebhookEventTrigger.objects.get().valid is False


def signed(event: dict[str, Any]) -> dict[str, str]:
    """Return the header with which Stripe would sign the event."""
    at = int(time.time())
    digest = hmac.new(b"whsec_1", f"{at}.{json.dumps(event)}".encode(), hashlib.sha256).hexdigest()
    return {"HTTP_STRIPE_SIGNATURE": f"t={at},v1={digest}"}


@pytest.mark.parametrize("signature", ["", "t=", "t=x,v1=00", "t=1", "t=1,v1=\xe9", "=", "t=" + "9" * 5_000 + ",v1=00"])
def test_a_malformed_signature_is_refused(url: str, signature: str) -> None:
    assert deliver(url, HTTP_STRIPE_SIGNATURE=signature) == 400
