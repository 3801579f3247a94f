import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.processes import wait_for

from .conftest import Sandbox, content, opened


def test_settings_are_shown_and_changed_in_part(sandbox: Sandbox) -> None:
    assert sandbox.set(delay_seconds=0.25).json() == {
        "delay_seconds": 0.25,
        "retry_after_seconds": 2.0,
        "image_bytes": None,
        "images_per_minute": None,
        "fail_next": None,
    }


def test_an_image_takes_the_delay_that_is_set(sandbox: Sandbox) -> None:
    sandbox.set(delay_seconds=0.4)
    started = time.monotonic()
    sandbox.generate("A fox")
    assert time.monotonic() - started >= 0.4


def test_a_new_delay_also_ends_calls_in_flight(sandbox: Sandbox) -> None:
    sandbox.set(delay_seconds=300)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(sandbox.generate, "A fox")
        wait_for(lambda: sandbox.calls()["in_flight"] == 1)
        sandbox.set(delay_seconds=0)
        assert call.result(30).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"delay": 1}, {"delay_seconds": -1}, {"delay_seconds": "soon"}, {"fail_next": {"kind": "nonsense"}}]
)
def test_a_wrong_setting_is_refused(sandbox: Sandbox, changes: Any) -> None:
    response = sandbox.set(**changes)
    assert response.status_code == 400
    assert response.json()["errors"]


def test_settings_are_taken_as_json_only(sandbox: Sandbox) -> None:
    response = requests.post(f"{sandbox.url}/sandbox/settings", data={"delay_seconds": 9}, timeout=60)
    assert response.status_code == 415


def test_the_next_calls_fail_as_ordered(sandbox: Sandbox) -> None:
    ordered = sandbox.set(fail_next={"kind": "500", "count": 2}).json()
    assert ordered["fail_next"] == {"kind": "500", "count": 2, "endpoint": "images"}
    assert [sandbox.generate("A fox").status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_can_be_ordered_for_another_endpoint(sandbox: Sandbox) -> None:
    sandbox.set(fail_next={"kind": "503", "endpoint": "moderations"})
    assert sandbox.generate("A fox").status_code == 200
    assert [sandbox.post("moderations", {"input": "fox"}).status_code for _ in range(2)] == [503, 200]


def test_images_can_have_a_given_length(sandbox: Sandbox) -> None:
    sandbox.set(image_bytes=1_500_000)
    first, second = content(sandbox.generate("A fox", size="1024x1024")), content(sandbox.generate("An owl"))
    assert abs(len(first) - 1_500_000) < 500
    assert abs(len(second) - 1_500_000) < 500
    assert (opened(first).size, opened(second).size) == ((1024, 1024), (816, 816))


def test_images_of_a_given_length_differ_by_their_prompt(sandbox: Sandbox) -> None:
    sandbox.set(image_bytes=100_000)
    assert content(sandbox.generate("A fox")) != content(sandbox.generate("An owl"))


def test_more_images_than_the_minute_allows_are_refused(sandbox: Sandbox) -> None:
    sandbox.set(images_per_minute=2)
    responses = [sandbox.generate("A fox") for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert responses[0].headers["x-ratelimit-remaining-requests"] == "1"


def test_the_log_shows_the_calls(sandbox: Sandbox) -> None:
    sandbox.generate("A fox", safety_identifier="alice", user="batch-1", quality="medium")
    (call,) = sandbox.calls()["calls"]
    expected = {"endpoint": "images/generations", "prompt": "A fox", "model": "gpt-image-2.5-flare", "size": "816x816"}
    expected |= {"quality": "medium", "status": 200, "safety_identifier": "alice", "user": "batch-1"}
    assert expected.items() <= call.items()
    assert call["ended_at"] >= call["started_at"]


def test_the_log_has_refused_calls_too(sandbox: Sandbox) -> None:
    request_id = sandbox.generate("A fox", size="1x1").headers["x-request-id"]
    (call,) = sandbox.calls()["calls"]
    assert (call["status"], call["request_id"]) == (400, request_id)


def test_the_log_counts_calls_at_the_same_time(sandbox: Sandbox) -> None:
    sandbox.set(delay_seconds=300)
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda who: sandbox.generate("A fox", safety_identifier=who), ["alice", "alice", "bob"])
        wait_for(lambda: sandbox.calls()["in_flight"] == 3)
        sandbox.set(delay_seconds=0)
        list(answers)
    log = sandbox.calls()
    assert (log["in_flight"], log["max_in_flight"]) == (0, 3)
    assert log["max_in_flight_by_safety_identifier"] == {"alice": 2, "bob": 1}


def test_calls_after_each_other_are_one_at_a_time(sandbox: Sandbox) -> None:
    for _ in range(3):
        sandbox.generate("A fox", user="batch-1")
    log = sandbox.calls()
    assert (log["count"], log["max_in_flight"], log["max_in_flight_by_user"]) == (3, 1, {"batch-1": 1})


def test_the_log_can_be_emptied(sandbox: Sandbox) -> None:
    sandbox.generate("[500] fox")
    requests.delete(f"{sandbox.url}/sandbox/calls", timeout=60)
    assert sandbox.calls()["calls"] == []
    assert sandbox.generate("[500] fox").status_code == 500


def test_many_calls_wait_side_by_side(sandbox: Sandbox) -> None:
    sandbox.set(delay_seconds=300, image_bytes=10_000)
    with ThreadPoolExecutor(60) as pool:
        answers = pool.map(lambda number: sandbox.generate(f"Fox {number}", timeout=300), range(60))
        wait_for(lambda: sandbox.calls()["in_flight"] == 60)
        sandbox.set(delay_seconds=0)
        assert {answer.status_code for answer in answers} == {200}
