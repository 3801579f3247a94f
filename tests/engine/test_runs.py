"""Runs as customers see them: real workers, a real upstream."""

import re
import signal
from itertools import pairwise
from typing import Any

import pytest
import requests

from tests.engine.conftest import StartWorker
from tests.engine.customer import Customer
from tests.processes import PATIENCE_SECONDS, wait_for
from tests.servers import Stack
from tests.upstream import LONG, Upstream

HEALTH_TIMEOUT_SECONDS = 30


def submit_form(site: Stack, email: Any, **fields: Any) -> requests.Response:
    """Send the form of a new batch as a browser does; return the answer."""
    browser = requests.Session()
    browser.cookies.set("sessionid", site.session_of(email))
    page = browser.get(f"{site.url}/batches/new/", timeout=60).text
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|submission_key)" value="([^"]+)"', page))
    choices = {"model": "gpt-image-2.5-flare", "quality": "low", "format": "png", "ratio": "1:1"}
    return browser.post(f"{site.url}/batches/new/", {**hidden, **choices, **fields}, timeout=60)


def test_a_list_sent_through_the_form_becomes_pictures(
    site: Stack, customer: Customer, start_worker: StartWorker
) -> None:
    customer.act(f"person({customer.email!r})")
    answer = submit_form(
        site, customer.email, prompts=f"{customer.title} cat\n{customer.title} dog", title=customer.title
    )
    assert answer.status_code == 200
    start_worker()
    customer.wait_until_finished()
    assert customer.statuses() == {"ready": 2}


def test_each_batch_has_one_call_at_a_time_and_many_run_side_by_side(
    upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=LONG)
    customer.submit_numbered(batch_count=6, prompt_count=4)
    start_worker()
    wait_for(lambda: upstream.log()["in_flight"] == 6, what="a call for each batch")
    upstream.set(delay_seconds=0.1)
    customer.wait_until_finished()
    for batch in range(6):
        mine = [call for call in customer.calls() if f" b{batch} " in call["prompt"]]
        assert [call["prompt"][-2:] for call in mine] == ["p0", "p1", "p2", "p3"]
        assert all(earlier["ended_at"] <= later["started_at"] for earlier, later in pairwise(mine))


def test_sigterm_finishes_the_image_in_flight_and_starts_nothing_new(
    upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    # Only the signal ends the turn: no other batch waits.
    upstream.set(delay_seconds=LONG)
    customer.submit_numbered(batch_count=1, prompt_count=5)
    worker = start_worker()
    customer.wait_for_calls(1)
    worker.send(signal.SIGTERM)
    wait_for(lambda: "Warm shutdown" in worker.tail(), what="the worker's answer to the signal")
    upstream.set(delay_seconds=0)
    assert worker.popen.wait(PATIENCE_SECONDS) == 0
    assert customer.statuses() == {"ready": 1, "waiting": 4}
    assert len(customer.calls()) == 1


def test_a_busy_upstream_is_given_the_time_that_it_asks_for(customer: Customer, start_worker: StartWorker) -> None:
    customer.submit([f"{customer.title} [429 1.5]", f"{customer.title} dog"])
    start_worker()
    customer.wait_until_finished()
    busy = [call["started_at"] for call in customer.calls() if "429" in call["prompt"]]
    assert customer.prompts() == [("ready", "", 3), ("ready", "", 1)]
    assert min(later - earlier for earlier, later in pairwise(busy)) >= 1.5


def test_an_exhausted_quota_stops_every_run_until_an_operator_resumes(
    upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    upstream.set(fail_next={"kind": "money", "count": 100})
    customer.submit_numbered(batch_count=3, prompt_count=3)
    start_worker()
    wait_for(lambda: customer.batch_statuses() == {"waiting": 3})
    assert len(customer.calls()) == 3
    upstream.set(fail_next=None)
    customer.act(f"resume('olga@example.org', {customer.title!r})")
    customer.wait_until_finished()
    assert customer.statuses() == {"ready": 9}


def test_a_restart_of_the_web_server_changes_nothing(
    site: Stack, upstream: Upstream, customer: Customer, start_worker: StartWorker
) -> None:
    upstream.set(delay_seconds=0.5)
    customer.submit_numbered(batch_count=2, prompt_count=6)
    start_worker()
    customer.wait_for_calls(2)
    site.web.kill9()
    site.start_web()
    customer.wait_until_finished()
    assert (customer.statuses(), len(customer.calls())) == ({"ready": 12}, 12)


def test_health_is_good_while_a_worker_sweeps(site: Stack, customer: Customer, start_worker: StartWorker) -> None:
    customer.act("stop_heartbeat()")
    assert requests.get(f"{site.url}/healthz", timeout=60).status_code == 503
    start_worker()
    wait_for(lambda: requests.get(f"{site.url}/healthz", timeout=60).status_code == 200)


@pytest.mark.parametrize("state", ["confirmed_at", "ready_at"])
def test_images_that_were_delivered_or_aged_out_are_deleted(
    site: Stack, customer: Customer, start_worker: StartWorker, state: str
) -> None:
    customer.submit([f"{customer.title} {state}"])
    start_worker()
    customer.wait_until_finished()
    hours = {"confirmed_at": 25, "ready_at": 14 * 24 + 1}[state]
    customer.act(f"age({customer.title!r}, {state!r}, {hours})")
    assert site.manage("expire_images") == "1 images were deleted\n"
    assert customer.statuses() == {"expired": 1}
