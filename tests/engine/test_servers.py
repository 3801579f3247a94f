"""Several workers, and the servers that they share killed in the middle of runs."""

import random
import time

from tests.engine.conftest import StartWorker, production_only
from tests.engine.crashes import BATCHES, IMAGES, SHORT_LEASE, assert_each_ended_once, wait_with_supervisor
from tests.engine.customer import Customer
from tests.processes import wait_for
from tests.servers import Stack
from tests.upstream import Upstream

pytestmark = production_only


def test_of_two_workers_one_may_die(ten_batches: Customer, start_worker: StartWorker) -> None:
    first = start_worker(**SHORT_LEASE)
    start_worker(name="worker-2", **SHORT_LEASE)
    ten_batches.wait_for_calls(random.randint(12, 25))
    first.kill9()
    ten_batches.wait_until_finished()
    assert_each_ended_once(ten_batches, kills=1)


def test_a_broker_killed_and_started_again_costs_no_call(
    site: Stack, ten_batches: Customer, start_worker: StartWorker
) -> None:
    start_worker(**SHORT_LEASE)
    ten_batches.wait_for_calls(15)
    site.broker.process.kill9()
    wait_for(lambda: not ten_batches.statuses()["generating"], what="the images in flight booked without a broker")
    site.broker.start()
    wait_with_supervisor(ten_batches, start_worker)
    assert (ten_batches.statuses(), len(ten_batches.calls())) == ({"ready": IMAGES}, IMAGES)


def test_a_broker_that_forgets_everything_costs_no_call(
    site: Stack, ten_batches: Customer, start_worker: StartWorker
) -> None:
    start_worker(**SHORT_LEASE)
    ten_batches.wait_for_calls(15)
    site.broker.flush()
    ten_batches.wait_until_finished()
    assert (ten_batches.statuses(), len(ten_batches.calls())) == ({"ready": IMAGES}, IMAGES)


def test_a_database_killed_and_started_again_costs_no_call(
    site: Stack, ten_batches: Customer, start_worker: StartWorker
) -> None:
    worker = start_worker()
    ten_batches.wait_for_calls(15)
    site.database.process.kill9()
    site.database.start()
    ten_batches.wait_until_finished()
    assert worker.is_running()
    assert (ten_batches.statuses(), len(ten_batches.calls())) == ({"ready": IMAGES}, IMAGES)


def test_a_database_away_for_longer_than_the_leases_costs_no_call(
    site: Stack, upstream: Upstream, ten_batches: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=12)
    for name in ("worker", "worker-2"):
        start_worker(name=name, **SHORT_LEASE)
    ten_batches.wait_for_calls(BATCHES)
    site.database.process.kill9()
    # Longer than a lease, and shorter than the calls in flight.
    time.sleep(2 * float(SHORT_LEASE["LEASE_SECONDS"]))
    site.database.start()
    upstream.set(delay_seconds=0)
    ten_batches.wait_until_finished()
    assert (ten_batches.statuses(), len(ten_batches.calls())) == ({"ready": IMAGES}, IMAGES)
