from collections.abc import Callable
from typing import Any

import pytest
import requests

from batches.tests.receiver import Receiver
from tests.processes import wait_for

from .conftest import Sandbox

TOKEN = {"Authorization": "Bearer r8_anything"}
VEO = "google/veo-3.1-fast"


@pytest.fixture
def start(sandbox: Sandbox) -> Callable[..., requests.Response]:
    """Return what starts a prediction."""

    def starter(
        prompt: str, model: str = VEO, webhook: str = "", headers: dict | None = None, **inputs: Any
    ) -> requests.Response:
        body = {"input": {"prompt": prompt, **inputs}, "webhook": webhook}
        url = f"{sandbox.url}/v1/models/{model}/predictions"
        return requests.post(url, json=body, headers={**TOKEN, **(headers or {})}, timeout=60)

    return starter


def get(url: str) -> requests.Response:
    return requests.get(url, headers=TOKEN, timeout=60, allow_redirects=False)


def ended(response: requests.Response) -> dict[str, Any]:
    assert response.status_code == 201, response.text
    return dict(get(response.json()["urls"]["get"]).json())


def test_a_video_is_made_and_fetched_without_a_token(start: Any) -> None:
    prediction = ended(start("a fox", duration=4, aspect_ratio="9:16"))
    film = requests.get(prediction["output"], timeout=60)
    assert (prediction["status"], film.content[4:8], film.headers["Content-Type"]) == (
        "succeeded", b"ftyp", "video/mp4",
    )  # fmt: skip


def test_an_image_model_answers_a_list_of_addresses(start: Any) -> None:
    prediction = ended(start("a fox", "black-forest-labs/flux-2-pro", aspect_ratio="1:1", output_format="jpg"))
    assert requests.get(prediction["output"][0], timeout=60).content.startswith(b"\xff\xd8\xff")


def test_a_prediction_takes_its_time(sandbox: Sandbox, start: Any) -> None:
    sandbox.set(delay_seconds=600)
    assert ended(start("a fox"))["status"] == "starting"


def test_it_can_be_cancelled(sandbox: Sandbox, start: Any) -> None:
    sandbox.set(delay_seconds=600)
    prediction = start("a fox").json()
    requests.post(prediction["urls"]["cancel"], headers=TOKEN, timeout=60)
    assert get(prediction["urls"]["get"]).json()["status"] == "canceled"


def test_it_is_cancelled_after_the_time_in_the_header(start: Any) -> None:
    assert ended(start("a fox [never]", headers={"Cancel-After": "0s"}))["status"] == "canceled"


@pytest.mark.parametrize(
    ("word", "status"), [("failed", "failed"), ("nsfw", "failed"), ("aborted", "aborted"), ("never", "processing")]
)
def test_magic_words_change_the_end(start: Any, word: str, status: str) -> None:
    assert ended(start(f"a fox [{word}]"))["status"] == status


@pytest.mark.parametrize(("word", "status"), [("gone", 404), ("redirect", 302)])
def test_magic_words_change_the_output(start: Any, word: str, status: int) -> None:
    assert get(ended(start(f"a fox [{word}]"))["output"]).status_code == status


def test_a_file_has_the_ordered_size(start: Any) -> None:
    film = get(ended(start("a fox [mb 3]"))["output"])
    assert len(film.content) == 3 * 1024 * 1024 == int(film.headers["Content-Length"])


@pytest.mark.parametrize(("word", "status"), [("429", 429), ("500", 500), ("503", 503), ("money", 402), ("key", 401)])
def test_calls_fail_as_the_words_say(start: Any, word: str, status: int) -> None:
    answer = start(f"a fox [{word}]")
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_a_dropped_call_has_started_its_prediction(sandbox: Sandbox, start: Any) -> None:
    with pytest.raises(requests.ConnectionError):
        start("a fox [drop]")
    results = get(f"{sandbox.url}/v1/predictions").json()["results"]
    assert [each["input"]["prompt"] for each in results] == ["a fox [drop]"]


def test_the_list_has_pages(sandbox: Sandbox, start: Any) -> None:
    for number in range(101):
        start(f"fox {number}")
    page = get(f"{sandbox.url}/v1/predictions").json()
    assert page["results"][0]["input"]["prompt"] == "fox 100"
    assert [each["input"]["prompt"] for each in get(page["next"]).json()["results"]] == ["fox 0"]


@pytest.mark.parametrize("inputs", [{"seconds": 4}, {"duration": 5}, {"aspect_ratio": "1:1"}])
def test_unknown_inputs_are_refused(start: Any, inputs: dict[str, Any]) -> None:
    assert start("a fox", **inputs).status_code == 422


def test_unknown_models_and_tokens_are_refused(sandbox: Sandbox, start: Any) -> None:
    assert start("a fox", "google/unknown").status_code == 404
    assert requests.get(f"{sandbox.url}/v1/predictions", timeout=60).status_code == 401


def test_the_webhook_comes_twice_and_is_signed(sandbox: Sandbox, start: Any) -> None:
    receiver = Receiver()
    start("a fox", webhook=receiver.url)
    secret = get(f"{sandbox.url}/v1/webhooks/default/secret").json()["key"]
    wait_for(lambda: len(receiver.messages) >= 2)
    receiver.stop()
    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.verified(secret)["status"] == "succeeded"
