"""What the tests of crashes share."""

from collections.abc import Callable

from tests.engine.customer import Customer
from tests.processes import wait_for

BATCHES, PROMPTS = 10, 5
IMAGES = BATCHES * PROMPTS
#: Short, so that several crashes fit into one test; the real one has a test of its own.
SHORT_LEASE = {"LEASE_SECONDS": "6"}


def assert_each_ended_once(customer: Customer, kills: int) -> None:
    """Every prompt is ready, or failed because of two crashes; each kill cost one call a batch at most."""
    assert {(status, error) for status, error, _ in customer.prompts()} <= {
        ("ready", ""),
        ("failed", "unknown_outcome"),
        ("failed", "interrupted"),
    }
    assert len(customer.calls()) <= len(customer.prompts()) + kills * BATCHES


def wait_with_supervisor(customer: Customer, start_worker: Callable[..., object]) -> None:
    """Wait until all is finished, and start the worker again when it has ended, as the supervisor does."""

    def is_finished() -> bool:
        if not customer.site.worker.is_running():
            start_worker(**SHORT_LEASE)
        return customer.is_finished()

    wait_for(is_finished, what="all finished")
