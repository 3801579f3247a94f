"""A worker killed inside an edit."""

import pytest

from tests.engine.conftest import StartWorker, production_only
from tests.engine.crashes import SHORT_LEASE
from tests.engine.customer import Customer
from tests.upstream import LONG, Upstream


@pytest.fixture
def edited(customer: Customer, start_worker: StartWorker) -> Customer:
    """A batch whose image is to be edited, with a mask."""
    customer.submit([f"{customer.title} cat"])
    worker = start_worker()
    customer.wait_until_finished()
    worker.kill9()
    customer.act(f"edit({customer.email!r}, {customer.title!r}, {customer.title + ' pink'!r})")
    return customer


@production_only
def test_an_edit_is_sent_with_its_image_and_mask(edited: Customer, start_worker: StartWorker) -> None:
    start_worker()
    edited.wait_until_finished()
    call = edited.calls()[-1]
    assert (call["endpoint"], call["prompt"], call["reference_count"]) == ("images/edits", f"{edited.title} pink", 1)
    edited.act("prove()")


def test_a_worker_killed_inside_an_edit_loses_nothing(
    upstream: Upstream, edited: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=LONG)
    worker = start_worker(**SHORT_LEASE)
    edited.wait_for_calls(2)
    worker.kill9()
    upstream.set(delay_seconds=0)
    start_worker(**SHORT_LEASE)
    edited.wait_until_finished()
    assert edited.statuses() == {"ready": 2}
    assert [call["reference_count"] for call in edited.calls()] == [0, 1, 1]
    edited.act("prove()")
