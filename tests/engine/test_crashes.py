"""Workers killed in the middle of runs: nothing is lost, nothing is charged twice."""

import random
import time

from tests.engine.conftest import StartWorker, embedded_only
from tests.engine.crashes import SHORT_LEASE, assert_each_ended_once
from tests.engine.customer import Customer
from tests.upstream import Upstream


@embedded_only
def test_a_worker_killed_three_times_loses_nothing(ten_batches: Customer, start_worker: StartWorker) -> None:
    for _ in range(3):
        worker = start_worker(**SHORT_LEASE)
        ten_batches.wait_for_calls(len(ten_batches.calls()) + random.randint(1, 12))
        worker.kill9()
    start_worker(**SHORT_LEASE)
    ten_batches.wait_until_finished(90)
    assert_each_ended_once(ten_batches, kills=3)


def test_a_run_goes_on_within_thirty_seconds_of_a_crash(
    upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=3)
    customer.submit_numbered(batch_count=1, prompt_count=2)
    worker = start_worker()
    customer.wait_for_calls(1)
    worker.kill9()
    crashed_at = time.monotonic()
    start_worker()
    customer.wait_for_calls(2)
    assert time.monotonic() - crashed_at < 30
    upstream.set(delay_seconds=0)
    customer.wait_until_finished()
    assert customer.prompts() == [("ready", "", 2), ("ready", "", 1)]
