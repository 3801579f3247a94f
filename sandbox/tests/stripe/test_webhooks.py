import json
import time
from typing import Any

import pytest
import stripe

from tests.processes import wait_for

from .conftest import SECRET, Receiver, StandIn, visit


def drain(stand_in: StandIn, seconds: float = 50) -> bool:
    return stand_in.control("deliveries/drain", seconds=seconds)["drained"]


def tries(stand_in: StandIn) -> list[dict]:
    return stand_in.shown("deliveries")["tries"]


def test_an_event_is_delivered_with_a_valid_signature(receiver: Receiver, alice: stripe.Customer) -> None:
    (event,) = receiver.wait_for(1)
    assert (event.type, event.data.object.id, event.livemode) == ("customer.created", alice.id, False)
    assert event.api_version == "2026-05-27.dahlia"


def test_the_event_can_be_asked_for(receiver: Receiver, alice: stripe.Customer) -> None:
    (event,) = receiver.wait_for(1)
    assert stripe.Event.retrieve(event.id).data.object.id == alice.id


def test_an_event_names_the_request_that_caused_it(receiver: Receiver, stand_in: StandIn) -> None:
    stripe.Customer.create(idempotency_key="alice-1")
    (event,) = receiver.wait_for(1)
    assert event["request"]["idempotency_key"] == "alice-1"
    assert event["request"]["id"].startswith("req_")


def test_a_subscription_sends_all_its_events(
    receiver: Receiver, stand_in: StandIn, subscription: stripe.Subscription
) -> None:
    assert drain(stand_in)
    expected = {
        "checkout.session.completed",
        "customer.subscription.created",
        "invoice.paid",
        "invoice.payment_succeeded",
    }
    assert expected | {"payment_intent.succeeded", "charge.succeeded", "payment_method.attached"} <= set(receiver.types)


def test_a_delivery_that_fails_is_tried_again_with_a_new_signature(receiver: Receiver, stand_in: StandIn) -> None:
    stand_in.control("deliveries", retry_seconds=1.1)
    receiver.statuses = [500]
    stripe.Customer.create()
    first, second = receiver.wait_for(2)
    assert first.id == second.id
    assert len(set(receiver.signatures)) == 2
    wait_for(lambda: len(tries(stand_in)) == 2)
    assert [(each["attempt"], each["status"]) for each in tries(stand_in)] == [(1, 500), (2, 200)]


def test_the_wait_doubles_until_the_last_attempt(receiver: Receiver, stand_in: StandIn) -> None:
    stand_in.control("deliveries", retry_seconds=0.1, max_attempts=3)
    receiver.statuses = [500] * 9
    stripe.Customer.create()
    assert drain(stand_in)
    first, second, third = (each["at"] for each in tries(stand_in))
    # On a busy machine each wait is longer.
    assert second - first > 0.09
    assert third - second > 0.19


def test_a_site_that_is_down_gets_its_events_later(stand_in: StandIn, receiver: Receiver) -> None:
    stand_in.control("deliveries", retry_seconds=0.1, max_attempts=2)
    stand_in.control("webhook", url="http://127.0.0.1:9/nobody", secret=SECRET)
    stripe.Customer.create()
    assert drain(stand_in)
    assert [each["status"] for each in tries(stand_in) if "nobody" in each["url"]] == [None, None]


def test_what_is_withheld_comes_when_it_is_released(receiver: Receiver, stand_in: StandIn) -> None:
    stand_in.control("deliveries", withhold=True)
    stripe.Customer.create()
    assert not drain(stand_in, 0.3)
    assert receiver.bodies == []
    stand_in.control("deliveries", withhold=False)
    assert receiver.wait_for(1)


def test_each_event_can_come_twice(receiver: Receiver, stand_in: StandIn) -> None:
    stand_in.control("deliveries", copies=2)
    stripe.Customer.create()
    first, second = receiver.wait_for(2)
    assert first.id == second.id


def test_events_can_come_in_any_order(receiver: Receiver, stand_in: StandIn) -> None:
    stand_in.control("deliveries", withhold=True, shuffle=True)
    made = [stripe.Customer.create().id for _ in range(12)]
    stand_in.control("deliveries", withhold=False, shuffle=True)
    came = [event.data.object.id for event in receiver.wait_for(12)]
    assert sorted(came) == sorted(made)
    assert came != made


def test_events_can_be_late(receiver: Receiver, stand_in: StandIn) -> None:
    stand_in.control("deliveries", delay_seconds=0.5)
    started = time.monotonic()
    stripe.Customer.create()
    receiver.wait_for(1)
    assert time.monotonic() - started >= 0.5


def test_one_event_is_delivered_again(receiver: Receiver, stand_in: StandIn, alice: stripe.Customer) -> None:
    (event,) = receiver.wait_for(1)
    assert stand_in.control("deliveries/replay", events=[event.id], copies=2)["queued"] == [event.id]
    assert {each.id for each in receiver.wait_for(3)} == {event.id}


def test_all_events_of_a_type_are_delivered_again(
    receiver: Receiver, stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price
) -> None:
    receiver.wait_for(3)
    stand_in.control("deliveries/replay", type="price.created")
    receiver.wait_for(4)
    assert receiver.types.count("price.created") == 2


@pytest.mark.parametrize(
    ("fault", "signed"),
    [({"secret": "whsec_wrong"}, False), ({"age_seconds": 900}, False), ({"signature": "none"}, False), ({}, True)],
)
def test_a_forged_delivery_is_signed_as_ordered(
    receiver: Receiver, stand_in: StandIn, fault: Any, signed: bool
) -> None:
    forged = {"type": "invoice.paid", "object": {"id": "in_forged", "object": "invoice"}, **fault}
    (answer,) = stand_in.control("deliveries/forge", **forged)["answers"]
    assert answer["status"] == 200
    try:
        stripe.Webhook.construct_event(receiver.bodies[0], receiver.signatures[0], SECRET)
    except stripe.SignatureVerificationError:
        assert not signed
    else:
        assert signed


def test_a_forged_event_is_not_known_to_the_api(receiver: Receiver, stand_in: StandIn) -> None:
    forged = {"type": "invoice.paid", "object": {"id": "in_forged"}, "event": "evt_forged", "livemode": True}
    stand_in.control("deliveries/forge", **forged, padding_bytes=1000)
    event = json.loads(receiver.bodies[0])
    assert (event["id"], event["livemode"], len(event["padding"])) == ("evt_forged", True, 1000)
    with pytest.raises(stripe.InvalidRequestError):
        stripe.Event.retrieve("evt_forged")


def test_an_endpoint_of_the_api_gets_what_it_asks_for(receiver: Receiver, stand_in: StandIn) -> None:
    stripe.WebhookEndpoint.create(url=receiver.url, enabled_events=["product.created"])
    stripe.Customer.create()
    stripe.Product.create(name="Starter")
    assert drain(stand_in)
    assert [json.loads(body)["type"] for body in receiver.bodies] == ["product.created"]


def test_the_secret_of_an_endpoint_is_shown_once(stand_in: StandIn) -> None:
    endpoint = stripe.WebhookEndpoint.create(url="http://127.0.0.1:9/hook", enabled_events=["*"])
    assert endpoint.secret.startswith("whsec_")
    assert "secret" not in stripe.WebhookEndpoint.list().data[0]


def test_a_disabled_endpoint_hears_nothing(receiver: Receiver, stand_in: StandIn) -> None:
    (endpoint,) = stripe.WebhookEndpoint.list().data
    stripe.WebhookEndpoint.modify(endpoint.id, disabled=True)
    stripe.Customer.create()
    assert drain(stand_in, 1)
    assert receiver.bodies == []


def test_an_event_shows_the_object_as_it_was_then(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price
) -> None:
    session = visit(alice, pack)
    stand_in.pay(session)
    stripe.Customer.modify(alice.id, name="Later")
    assert stand_in.last_event("customer.created").data.object.name == "Alice"


def test_events_of_a_time_are_listed(stand_in: StandIn, alice: stripe.Customer) -> None:
    made = stand_in.last_event("customer.created").created
    assert len(stripe.Event.list(created={"gte": made}).data) == 1
    assert stripe.Event.list(created={"gt": made}).data == []
