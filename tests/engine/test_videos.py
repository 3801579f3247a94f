"""Workers killed inside each step of a video: each is delivered once, and upstream is asked for it once."""

import signal
from collections import Counter

from tests.engine.conftest import StartWorker
from tests.engine.customer import Customer
from tests.processes import ROOT, wait_for
from tests.upstream import Upstream

#: Where workers are killed, one after the other: when they call a function, or when it returns.
STEPS = (
    "batches.clients.replicate:start",
    "batches.clients.replicate:start:after",
    "batches.runs.outcomes:Turn.record_job:after",
    "batches.clients.replicate:look",
    "batches.runs.outcomes:Turn.leave",
    "batches.runs.outcomes:Turn.leave:after",
    "batches.clients.replicate:download",
    "batches.clients.replicate:download:after",
    "batches.runs.files:store:after",
    "batches.runs.outcomes:Turn.recover:after",
    # Of the second video: before it is asked for, amid the output, and before what is charged is committed.
    "batches.runs.outcomes:Turn.begin:after",
    "batches.clients.public_http:pieces_of",
    "batches.models.prompt:Prompt.deliver:after",
)
#: The others don't depend on the database.
STEPS_ON_SQLITE = [
    step for step in STEPS if step.startswith(("batches.runs", "batches.models")) and step.endswith(":after")
]
VIDEOS, LEASE = 4, "3"
DYING = {"PYTHONPATH": str(ROOT / "tests/engine/dying"), "LEASE_SECONDS": LEASE}


def test_workers_killed_in_each_step_lose_nothing_and_pay_nothing_twice(
    upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    # Longer than until the third look: a worker that is late must find a prediction that has not ended, too.
    upstream.set(delay_seconds=8)
    prompts = [f"{customer.title} {number}" for number in range(VIDEOS)]
    customer.act(f"submit_videos({customer.email!r}, {customer.title!r}, {prompts!r})")
    for step in STEPS if customer.site.kind == "production" else STEPS_ON_SQLITE:
        worker = start_worker(**DYING, DIE_IN=step)
        wait_for(lambda worker=worker: not worker.is_running(), what=f"killed in {step}")
        assert worker.popen is not None
        assert worker.popen.returncode == -signal.SIGKILL
    upstream.set(delay_seconds=0)
    start_worker(LEASE_SECONDS=LEASE)
    customer.wait_until_finished()
    assert customer.statuses() == {"ready": VIDEOS}
    assert asked_for(upstream, customer) == dict.fromkeys(prompts, 1)


def asked_for(upstream: Upstream, customer: Customer) -> Counter[str]:
    """Return how many predictions were started for each of the customer's prompts."""
    calls = (call["prompt"] for call in upstream.calls() if call["endpoint"] == "predictions")
    return Counter(prompt for prompt in calls if prompt.startswith(customer.title))
