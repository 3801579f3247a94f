"""Messages to customers' servers: signed, tried again, given up in the end, logged."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from accounts.models import User
from batches.clients.webhooks import Answer
from batches.models import Batch, WebhookAccount, WebhookDelivery, WebhookEndpoint
from batches.tests.receiver import Receiver
from batches.webhooks import sender
from lib.standard_webhooks import new_secret
from tests.cast import MakeBatch, deliver_next


@pytest.fixture
def send() -> Callable[[], int]:
    """Return what makes all attempts that are due."""
    return sender.Sender().run


@pytest.fixture
def delivery(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A message under way."""
    return sender.send_test(endpoint)


def later(**time: Any) -> None:
    """Let the next attempt of all messages be due, as if so much time had passed."""
    WebhookDelivery.objects.exclude(next_attempt_at=None).update(next_attempt_at=timezone.now() - timedelta(**time))


def test_the_official_library_accepts_the_signature(
    endpoint: WebhookEndpoint, alice: User, make_batch: MakeBatch, receiver: Receiver, send: Any
) -> None:
    batch = make_batch(alice, 1)
    deliver_next(batch)
    assert send() == 1
    [message] = receiver.messages
    content = message.verified(endpoint.secret)
    assert content["type"] == "batch.finished"
    assert content["data"]["id"] == str(batch.pk)
    assert message.headers["content-type"] == "application/json"


def test_another_secret_does_not_verify_it(delivery: WebhookDelivery, receiver: Receiver, send: Any) -> None:
    send()
    with pytest.raises(WebhookVerificationError):
        receiver.messages[0].verified(new_secret())


def test_a_batchs_own_address_gets_the_accounts_signature(
    alice: User, make_batch: MakeBatch, receiver: Receiver, send: Any
) -> None:
    batch = make_batch(alice, 1)
    Batch.objects.update(webhook_url=receiver.url)
    deliver_next(batch)
    send()
    assert receiver.messages[0].verified(WebhookAccount.objects.get(user=alice).secret)["type"] == "batch.finished"


def test_the_log_says_what_the_server_answered(delivery: WebhookDelivery, receiver: Receiver, send: Any) -> None:
    send()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt_count, delivery.response_status) == ("delivered", 1, 204)
    assert delivery.duration_seconds > 0


def test_the_start_of_an_answer_is_stored(delivery: WebhookDelivery, receiver: Receiver, send: Any) -> None:
    receiver.statuses, receiver.answer = [500], b"\x00broken\n" + b"x" * 100_000
    send()
    delivery.refresh_from_db()
    assert delivery.response_excerpt.startswith("broken xxx")
    assert len(delivery.response_excerpt) <= 300


def test_what_was_not_taken_is_sent_again_with_the_same_id(
    delivery: WebhookDelivery, receiver: Receiver, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.statuses = [500, 204]
    monkeypatch.setattr(sender, "RETRY_SECONDS", (5_000, 10_000))
    send()
    delivery.refresh_from_db()
    assert delivery.status == "pending"
    assert timedelta(seconds=3_000) < delivery.next_attempt_at - timezone.now() <= timedelta(seconds=5_000)
    assert send() == 0
    later()
    send()
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 1
    assert len({message.body for message in receiver.messages}) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt_count) == ("delivered", 2)


def test_a_message_is_given_up_after_a_day_of_attempts(
    delivery: WebhookDelivery, receiver: Receiver, send: Any
) -> None:
    receiver.statuses = [503]
    for _ in range(20):
        later()
        send()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.next_attempt_at) == ("failed", None)
    assert len(receiver.messages) == 1 + len(sender.RETRY_SECONDS) == 8
    assert 20 * 3600 < sum(sender.RETRY_SECONDS) <= 24 * 3600


def test_each_wait_is_longer_than_the_one_before(delivery: WebhookDelivery) -> None:
    waits = []
    for _ in sender.RETRY_SECONDS:
        delivery.claim(timezone.now())
        sender.book(delivery, Answer(1, status=500))
        delivery.refresh_from_db()
        waits.append(delivery.next_attempt_at - timezone.now())
    assert waits == sorted(waits)


def test_a_redirect_is_not_followed(delivery: WebhookDelivery, receiver: Receiver, send: Any) -> None:
    receiver.statuses, receiver.headers = [302], {"Location": "/elsewhere"}
    send()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.response_status, len(receiver.messages)) == ("pending", 302, 1)


def test_a_server_that_is_away_is_no_fault_of_ours(delivery: WebhookDelivery, receiver: Receiver, send: Any) -> None:
    receiver.stop()
    send()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error, delivery.response_status) == ("pending", "unreachable", None)


def test_gone_switches_the_endpoint_off_and_emails_its_owner(
    endpoint: WebhookEndpoint,
    delivery: WebhookDelivery,
    receiver: Receiver,
    send: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    receiver.statuses = [410]
    waiting = sender.send_test(endpoint)
    WebhookDelivery.objects.filter(pk=waiting.pk).update(next_attempt_at=timezone.now() + timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        send()
    endpoint.refresh_from_db()
    waiting.refresh_from_db()
    assert (endpoint.disabled_reason, waiting.status, waiting.error) == ("gone", "failed", "switched_off")
    assert mail.outbox[0].to == ["alice@example.org"]
    assert f"/account/webhooks/{endpoint.pk}/" in mail.outbox[0].body


def test_an_endpoint_that_fails_for_days_is_switched_off(
    endpoint: WebhookEndpoint,
    delivery: WebhookDelivery,
    receiver: Receiver,
    send: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    receiver.statuses = [500]
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=2, hours=23))
    with django_capture_on_commit_callbacks(execute=True):
        send()
        endpoint.refresh_from_db()
        assert endpoint.disabled_at is None
        WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=3, minutes=1))
        later()
        send()
    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, len(mail.outbox)) == ("failing", 1)


def test_one_message_that_arrives_ends_the_failing(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, receiver: Receiver, send: Any
) -> None:
    receiver.statuses = [500, 204]
    send()
    endpoint.refresh_from_db()
    assert endpoint.failing_since
    later()
    send()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_after_a_change_both_secrets_are_good_for_a_day(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, receiver: Receiver, send: Any
) -> None:
    former = endpoint.secret
    endpoint.rotate()
    send()
    assert receiver.messages[0].verified(former) == receiver.messages[0].verified(endpoint.secret)
    WebhookEndpoint.objects.update(rotated_at=timezone.now() - timedelta(hours=25))
    delivery.send_again()
    send()
    assert receiver.messages[1].verified(endpoint.secret)
    with pytest.raises(WebhookVerificationError):
        receiver.messages[1].verified(former)


def test_a_message_can_be_sent_again(delivery: WebhookDelivery, receiver: Receiver, send: Any) -> None:
    send()
    delivery.refresh_from_db()
    assert delivery.send_again()
    send()
    assert [message.headers["webhook-id"] for message in receiver.messages] == [delivery.message_id] * 2


def test_nothing_is_sent_again_to_an_endpoint_that_is_off(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, send: Any
) -> None:
    sender.disable(endpoint, "customer")
    delivery.refresh_from_db()
    assert not delivery.send_again()
    assert send() == 0


def test_the_secrets_are_not_readable_in_the_database(endpoint: WebhookEndpoint) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM batches_webhookendpoint")
        [(stored,)] = cursor.fetchall()
    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret not in stored


def test_a_lost_secret_sends_nothing(delivery: WebhookDelivery, receiver: Receiver, send: Any, settings: Any) -> None:
    settings.SECRET_KEY = "another key, and the former one is nowhere"
    send()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error, receiver.messages) == ("pending", "no_secret", [])


def test_old_deliveries_are_deleted(delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> None:
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    young = sender.send_test(endpoint)
    assert sender.purge() == 1
    assert list(WebhookDelivery.objects.all()) == [young]


def test_the_body_is_json_with_type_time_and_facts(delivery: WebhookDelivery) -> None:
    assert set(json.loads(delivery.body)) == {"type", "timestamp", "data"}
