"""The master key's images-per-minute, one limit for all workers, shared fairly by the customers; and the plan's day."""

import time
from datetime import UTC, datetime, timedelta

from billing import plans
from tests.engine.conftest import StartWorker, production_only
from tests.engine.customer import Customer
from tests.processes import wait_for

LIMIT, WINDOW_SECONDS = 10, 3
SCARCE = {"OPENAI_IMAGES_PER_MINUTE": str(LIMIT), "OPENAI_LIMIT_SECONDS": str(WINDOW_SECONDS)}


@production_only
def test_two_workers_keep_the_limit_together(customer: Customer, start_worker: StartWorker) -> None:
    customer.submit_numbered(batch_count=10, prompt_count=5)
    for number in (1, 2):
        start_worker(name=f"worker-{number}", **SCARCE)
    customer.wait_until_finished()
    assert customer.statuses() == {"ready": 50}
    times = [call["started_at"] for call in customer.calls()]
    # The fiftieth place is free 3.9 windows after the first one at the earliest, however late single calls arrive.
    # With a limit for each worker it would be after 2.4 windows at the latest.
    assert max(times) - min(times) > 3 * WINDOW_SECONDS


@production_only
def test_a_short_batch_is_not_stuck_behind_the_many_of_another_customer(
    customer: Customer, bob: Customer, start_worker: StartWorker
) -> None:
    customer.submit_numbered(batch_count=20, prompt_count=50)
    start_worker(**SCARCE)
    customer.wait_for_calls(2 * LIMIT)
    before = len(customer.calls())
    bob.submit_numbered(batch_count=1, prompt_count=5)
    bob.wait_until_finished()
    last = max(call["started_at"] for call in bob.calls())
    meanwhile = sum(call["started_at"] < last for call in customer.calls()) - before
    # Counted in calls, not in seconds: batch by batch, the other would get 20 for each of his.
    assert meanwhile < 10 * len(bob.calls())
    assert customer.statuses()["waiting"] > 500


def test_at_the_plans_limit_a_run_parks_itself_and_goes_on_by_itself(
    customer: Customer, start_worker: StartWorker
) -> None:
    limit = plans.FREE.images_per_day
    customer.act(f"free_person({customer.email!r}, {limit + 3})")
    customer.submit_numbered(batch_count=1, prompt_count=limit + 3)
    start_worker()
    wait_for(lambda: customer.batch_statuses() == {"waiting": 1})
    assert customer.statuses() == {"ready": limit, "waiting": 3}
    assert abs(goes_on_at(customer) - datetime.now(UTC) - plans.DAY) < timedelta(minutes=10)
    customer.act(f"let_hours_pass({customer.email!r}, 23)")
    time.sleep(3)
    assert customer.statuses() == {"ready": limit, "waiting": 3}
    customer.act(f"let_hours_pass({customer.email!r}, 1)")
    customer.wait_until_finished()
    assert customer.statuses() == {"ready": limit + 3}
    assert len(customer.calls()) == limit + 3


def goes_on_at(customer: Customer) -> datetime:
    """Return the hour at which the customer's batch says it goes on."""
    rows = customer.site.query(f"SELECT resume_at, waiting_reason FROM batches_batch WHERE title = '{customer.title}'")
    assert rows[0][1] == "daily_limit"
    return datetime.fromisoformat(str(rows[0][0])).replace(tzinfo=UTC)
