"""Several workers, and the servers that they share killed in the middle of runs."""

import time

from tests.engine.conftest import StartWorker, production_only
from tests.engine.crashes import BATCHES, IMAGES, SHORT_LEASE
from tests.engine.customer import Customer
from tests.servers import Stack
from tests.upstream import LONG, Upstream

pytestmark = production_only


def test_a_broker_that_forgets_everything_costs_no_call(
    site: Stack, ten_batches: Customer, start_worker: StartWorker
) -> None:
    start_worker(**SHORT_LEASE)
    ten_batches.wait_for_calls(15)
    site.broker.flush()
    ten_batches.wait_until_finished()
    assert (ten_batches.statuses(), len(ten_batches.calls())) == ({"ready": IMAGES}, IMAGES)


def test_a_database_away_for_longer_than_the_leases_costs_no_call(
    site: Stack, upstream: Upstream, ten_batches: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=LONG)
    for name in ("worker", "worker-2"):
        start_worker(name=name, **SHORT_LEASE)
    ten_batches.wait_for_calls(BATCHES)
    site.database.process.kill9()
    # Longer than a lease. The calls in flight end later.
    time.sleep(2 * float(SHORT_LEASE["LEASE_SECONDS"]))
    site.database.start()
    upstream.set(delay_seconds=0)
    ten_batches.wait_until_finished()
    assert (ten_batches.statuses(), len(ten_batches.calls())) == ({"ready": IMAGES}, IMAGES)
