"""Messages to a customer's own server, from real workers that are killed."""

import random
from collections.abc import Iterator

import pytest

from batches.tests.receiver import Receiver
from lib.standard_webhooks import new_secret
from tests.engine.conftest import StartWorker
from tests.engine.crashes import BATCHES, SHORT_LEASE, assert_each_ended_once, wait_with_supervisor
from tests.engine.customer import Customer
from tests.processes import wait_for

SECRET = new_secret()
KILLS = 3


@pytest.fixture
def receiver(customer: Customer) -> Iterator[Receiver]:
    """The customer's own server."""
    receiver = Receiver()
    customer.act(f"listen({customer.email!r}, {receiver.url!r}, {SECRET!r})")
    yield receiver
    receiver.stop()


def pending(customer: Customer) -> int:
    """Return how many messages to the customer's server are under way."""
    return customer.site.query(
        "SELECT COUNT(*) FROM batches_webhookdelivery d JOIN accounts_user u ON u.id = d.user_id "
        f"WHERE d.status = 'pending' AND u.email = '{customer.email}'"
    )[0][0]


def test_a_finished_batch_sends_a_webhook_at_once(
    customer: Customer, receiver: Receiver, start_worker: StartWorker
) -> None:
    customer.submit([f"{customer.title} cat"])
    start_worker()
    wait_for(lambda: receiver.messages)
    assert receiver.messages[0].verified(SECRET)["data"]["ready"] == 1
    wait_for(lambda: pending(customer) == 0)


def test_a_worker_killed_while_it_sends_loses_no_message(
    customer: Customer, receiver: Receiver, start_worker: StartWorker
) -> None:
    receiver.may_answer.clear()
    customer.submit([f"{customer.title} cat"])
    worker = start_worker(**SHORT_LEASE)
    wait_for(lambda: receiver.messages)
    worker.kill9()
    receiver.may_answer.set()
    start_worker(**SHORT_LEASE)
    wait_for(lambda: len(receiver.messages) == 2)
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 1
    assert receiver.messages[1].verified(SECRET)["type"] == "batch.finished"
    wait_for(lambda: pending(customer) == 0)


def test_workers_killed_in_the_middle_of_runs_lose_nothing_and_report_each_batch_once(
    ten_batches: Customer, receiver: Receiver, start_worker: StartWorker
) -> None:
    for _ in range(KILLS):
        worker = start_worker(**SHORT_LEASE)
        ten_batches.wait_for_calls(len(ten_batches.calls()) + random.randint(1, 12))
        worker.kill9()
    wait_with_supervisor(ten_batches, start_worker)
    assert_each_ended_once(ten_batches, KILLS)
    wait_for(lambda: pending(ten_batches) == 0)
    received = {message.headers["webhook-id"]: message.verified(SECRET)["data"]["id"] for message in receiver.messages}
    assert len(received) == len(set(received.values())) == BATCHES
