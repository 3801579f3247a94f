"""Each magic word does what the table in `sandbox/openai/faults.py` says."""

import time

import pytest
import requests
from PIL import Image

from sandbox.openai import faults
from tests.processes import ROOT, wait_for

from .conftest import Sandbox, content, error, opened


def statuses(sandbox: Sandbox, prompt: str, count: int) -> list[int]:
    return [sandbox.generate(prompt).status_code for _ in range(count)]


def test_429_asks_twice_for_patience(sandbox: Sandbox) -> None:
    response = sandbox.generate("[429] fox")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")
    assert (error(response)["type"], error(response)["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert statuses(sandbox, "[429] fox", 3) == [429, 200, 200]


def test_429_takes_the_seconds_to_wait(sandbox: Sandbox) -> None:
    response = sandbox.generate("[429 7] fox")
    assert response.headers["Retry-After"] == "7"
    assert "Please try again in 7s." in error(response)["message"]


def test_429_counts_each_prompt_for_itself(sandbox: Sandbox) -> None:
    assert statuses(sandbox, "[429] one", 3) + statuses(sandbox, "[429] two", 3) == [429, 429, 200] * 2


def test_429_always_never_ends(sandbox: Sandbox) -> None:
    assert statuses(sandbox, "[429 always] fox", 4) == [429] * 4


def test_500_fails_once(sandbox: Sandbox) -> None:
    assert statuses(sandbox, "[500] fox", 3) == [500, 200, 200]


def test_500_always_never_ends(sandbox: Sandbox) -> None:
    assert statuses(sandbox, "[500 always] fox", 3) == [500] * 3


def test_503_is_overloaded_once(sandbox: Sandbox) -> None:
    response = sandbox.generate("[503] fox")
    assert (response.status_code, error(response)["code"]) == (503, "server_is_overloaded")
    assert response.headers["Retry-After"] == "2"
    assert sandbox.generate("[503] fox").status_code == 200


def test_refuse_is_blocked_by_moderation(sandbox: Sandbox) -> None:
    response = sandbox.generate("[refuse] fox")
    assert (response.status_code, error(response)["code"]) == (400, "moderation_blocked")
    assert error(response)["type"] == "image_generation_user_error"
    assert error(response)["moderation_details"]["moderation_stage"] == "input"


def test_bad_input_is_an_invalid_parameter(sandbox: Sandbox) -> None:
    response = sandbox.generate("[bad input] fox")
    assert (response.status_code, error(response)["code"]) == (400, "invalid_value")


def test_money_is_a_used_up_balance(sandbox: Sandbox) -> None:
    response = sandbox.generate("[money] fox")
    assert response.status_code == 429
    assert (error(response)["type"], error(response)["code"]) == ("insufficient_quota", "credit_balance_exhausted")


def test_key_is_not_accepted(sandbox: Sandbox) -> None:
    response = sandbox.generate("[key] fox")
    assert (response.status_code, error(response)["code"]) == (401, "invalid_api_key")


def test_garbage_is_html_with_status_200(sandbox: Sandbox) -> None:
    response = sandbox.generate("[garbage] fox")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_text_is_no_image(sandbox: Sandbox) -> None:
    assert content(sandbox.generate("[text] fox")).startswith(b"This is a text file")


def test_half_ends_in_the_middle(sandbox: Sandbox) -> None:
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        sandbox.generate("[half] fox")


def test_drop_closes_without_an_answer(sandbox: Sandbox) -> None:
    with pytest.raises(requests.ConnectionError):
        sandbox.generate("[drop] fox")
    assert sandbox.calls()["calls"][-1]["fault"] == "drop"


def test_drop_once_then_answers(sandbox: Sandbox) -> None:
    with pytest.raises(requests.ConnectionError):
        sandbox.generate("[drop once] fox")
    assert sandbox.generate("[drop once] fox").status_code == 200


def test_hang_does_not_answer(sandbox: Sandbox) -> None:
    with pytest.raises(requests.ReadTimeout):
        sandbox.generate("[hang] fox", timeout=0.5)


def test_a_client_that_has_gone_is_not_waited_for(sandbox: Sandbox) -> None:
    with pytest.raises(requests.ReadTimeout):
        sandbox.generate("[slow 30] fox", timeout=0.2)
    wait_for(lambda: [call["status"] for call in sandbox.calls()["calls"] if call["ended_at"]] == [499])


def test_slow_takes_its_seconds(sandbox: Sandbox) -> None:
    started = time.monotonic()
    assert sandbox.generate("[slow 0.6] fox").status_code == 200
    assert time.monotonic() - started >= 0.6


def test_slow_joins_another_word(sandbox: Sandbox) -> None:
    assert sandbox.generate("[slow 0.1] [500] fox").status_code == 500


def test_huge_is_small_on_the_wire(sandbox: Sandbox) -> None:
    file = content(sandbox.generate("[huge] fox"))
    assert len(file) < 500_000
    with pytest.raises(Image.DecompressionBombError):
        opened(file)


def test_40mb_is_a_large_body_with_a_real_image(sandbox: Sandbox) -> None:
    response = sandbox.generate("[40mb] fox")
    assert 39_000_000 < len(response.content) < 42_000_000
    assert opened(content(response)).size == (816, 816)


def test_wrong_size_is_another_size(sandbox: Sandbox) -> None:
    assert sandbox.image("[wrong size] fox").size == (1200, 900)


@pytest.mark.parametrize(("asked", "given"), [("png", "JPEG"), ("jpeg", "PNG"), ("webp", "PNG")])
def test_wrong_format_is_another_format(sandbox: Sandbox, asked: str, given: str) -> None:
    assert sandbox.image("[wrong format] fox", output_format=asked).format == given


def test_alpha_is_transparent(sandbox: Sandbox) -> None:
    assert sandbox.image("[alpha] fox").getchannel("A").getextrema() == (0, 255)


def test_url_is_an_address_that_answers(sandbox: Sandbox) -> None:
    (entry,) = sandbox.generate("[url] fox").json()["data"]
    assert set(entry) == {"url"}
    assert opened(requests.get(entry["url"], timeout=60).content).size == (816, 816)


def test_empty_has_no_images(sandbox: Sandbox) -> None:
    assert sandbox.generate("[empty] fox").json()["data"] == []


def test_every_word_is_in_the_table_of_the_module() -> None:
    assert [word for word in faults.FAULTS if f"[{word}" not in str(faults.__doc__)] == []


def test_every_word_is_in_the_docs() -> None:
    page = (ROOT / "sandbox" / "README.md").read_text()
    assert [word for word in faults.FAULTS if f"[{word}" not in page] == []


@pytest.mark.parametrize("prompt", ["a fox", "[fox]", "[429", "500", "[ ]", "[slow soon]", "[" * 5000])
def test_other_brackets_are_part_of_the_prompt(prompt: str) -> None:
    assert faults.due(prompt, "images") == []
