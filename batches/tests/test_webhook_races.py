"""Several workers, slow servers, workers that die: each message goes out, none is held up by another."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from batches.clients.webhooks import Answer
from batches.models import WebhookDelivery, WebhookEndpoint
from batches.tests.receiver import Receiver
from batches.webhooks import sender
from tests.threads import at_once


def run_sender() -> int:
    return sender.Sender().run()


def test_two_workers_do_not_make_the_same_attempt(endpoint: WebhookEndpoint) -> None:
    delivery = sender.send_test(endpoint)
    twin = WebhookDelivery.objects.get()
    until = timezone.now() + timedelta(seconds=20)
    assert (delivery.claim(until), twin.claim(until)) == (True, False)


def test_an_attempt_of_a_dead_worker_is_made_again(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    sender.send_test(endpoint).claim(timezone.now() + timedelta(seconds=20))
    assert run_sender() == 0
    WebhookDelivery.objects.update(next_attempt_at=timezone.now())
    assert run_sender() == 1
    assert WebhookDelivery.objects.get().attempt_count == 2


def test_a_worker_that_was_taken_for_dead_books_nothing(endpoint: WebhookEndpoint) -> None:
    slow = sender.send_test(endpoint)
    slow.claim(timezone.now())
    WebhookDelivery.objects.get().claim(timezone.now())
    sender.book(slow, Answer(1, status=410))
    endpoint.refresh_from_db()
    assert (WebhookDelivery.objects.get().status, endpoint.disabled_at) == ("pending", None)


def claimed(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Return a delivery in flight, with its endpoint as it was when the attempt began."""
    sender.send_test(endpoint)
    delivery = WebhookDelivery.objects.select_related("endpoint").latest("pk")
    assert delivery.claim(timezone.now() + timedelta(seconds=20))
    return delivery


def test_a_message_accepted_meanwhile_ends_the_failing(endpoint: WebhookEndpoint) -> None:
    accepted, refused = claimed(endpoint), claimed(endpoint)
    sender.book(refused, Answer(1, status=500))
    sender.book(accepted, Answer(1, status=200))
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_an_endpoint_that_accepts_meanwhile_stays_on(endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.update(failing_since=timezone.now() - sender.FAILING_TOO_LONG - timedelta(minutes=1))
    accepted, refused = claimed(endpoint), claimed(endpoint)
    sender.book(accepted, Answer(1, status=200))
    sender.book(refused, Answer(1, status=500))
    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.failing_since is None) == (None, False)


@pytest.mark.django_db(transaction=True)
def test_many_messages_and_two_workers_give_each_message_once(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    for _ in range(20):
        sender.send_test(endpoint)
    assert sum(at_once([run_sender, run_sender])) == 20
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == len(receiver.messages) == 20


def test_a_slow_server_holds_up_only_its_owner(
    endpoint: WebhookEndpoint, receiver: Receiver, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.may_answer.clear()
    for _ in range(30):
        sender.send_test(endpoint)
    other = Receiver()
    sender.send_test(WebhookEndpoint.objects.create(user=bob, url=other.url))
    threading.Timer(1.5, receiver.may_answer.set).start()
    assert run_sender() == 31
    assert other.messages
    other.stop()
