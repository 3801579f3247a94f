"""A crash of a worker, with the leases of a real site; `make bench` measures the time that it costs."""

from tests.engine.conftest import StartWorker
from tests.engine.customer import Customer
from tests.upstream import LONG, Upstream


def test_a_run_goes_on_by_itself_after_a_crash(
    upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=LONG)
    customer.submit_numbered(batch_count=1, prompt_count=2)
    worker = start_worker()
    customer.wait_for_calls(1)
    worker.kill9()
    start_worker()
    customer.wait_for_calls(2)
    upstream.set(delay_seconds=0)
    customer.wait_until_finished()
    assert customer.prompts() == [("ready", "", 2), ("ready", "", 1)]
