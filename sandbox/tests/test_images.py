from typing import Any

import pytest
import requests

from .conftest import Sandbox, content, error, opened


def test_an_image_has_the_size_and_format_asked_for(sandbox: Sandbox) -> None:
    image = sandbox.image("A fox", size="1536x864", output_format="webp", output_compression=60)
    assert (image.size, image.format) == ((1536, 864), "WEBP")


def test_an_answer_repeats_the_order_and_counts_tokens(sandbox: Sandbox) -> None:
    answer = sandbox.generate("A fox in the snow", size="1024x1024", n=2, safety_identifier="alice").json()
    assert {name: answer[name] for name in ("size", "quality", "output_format", "background", "safety_identifier")} == {
        "size": "1024x1024",
        "quality": "low",
        "output_format": "png",
        "background": "opaque",
        "safety_identifier": "alice",
    }
    assert len(answer["data"]) == 2
    assert answer["usage"]["output_tokens"] == 2 * 196
    assert answer["usage"]["total_tokens"] == 5 + 2 * 196


def test_a_transparent_background_is_transparent(sandbox: Sandbox) -> None:
    assert sandbox.image("A fox", background="transparent").mode == "RGBA"


def test_every_answer_has_a_request_id_and_limits(sandbox: Sandbox) -> None:
    for response in (sandbox.generate("A fox"), sandbox.generate("A fox", size="1x1")):
        assert response.headers["x-request-id"].startswith("req_")
        assert response.headers["openai-processing-ms"].isdigit()
        assert response.headers["x-ratelimit-limit-requests"] == "10000"


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"response_format": "b64_json"}, "unknown_parameter", "response_format"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"quality": "hd"}, "invalid_value", "quality"),
        ({"model": "gpt-image-2", "quality": "max"}, "invalid_value", "quality"),
        ({"output_format": "gif"}, "invalid_value", "output_format"),
        ({"n": 11}, "integer_above_max_value", "n"),
        ({"n": 0}, "integer_below_min_value", "n"),
        ({"n": "two"}, "invalid_type", "n"),
        ({"output_compression": 50}, "invalid_png_output_compression", "output_compression"),
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ({"moderation": "off"}, "invalid_value", "moderation"),
        ({"safety_identifier": "x" * 129}, "string_above_max_length", "safety_identifier"),
        ({"prompt": "x" * 32_001}, "string_above_max_length", "prompt"),
        ({"prompt": "  "}, "empty_string", "prompt"),
        ({"prompt": None}, "missing_required_parameter", "prompt"),
        ({"prompt": 5}, "invalid_type", "prompt"),
        ({"model": None}, "missing_required_parameter", "model"),
        ({"stream": True}, "unsupported_value", "stream"),
    ],
)
def test_a_wrong_parameter_is_refused(sandbox: Sandbox, fields: Any, code: str, param: str) -> None:
    response = sandbox.post("images/generations", {"model": "gpt-image-2.5-flare", "prompt": "A fox", **fields})
    assert (response.status_code, error(response)["code"], error(response)["param"]) == (400, code, param)


def test_a_wrong_size_is_an_error_of_the_image_model(sandbox: Sandbox) -> None:
    assert error(sandbox.generate("A fox", size="4096x4096")) == {
        "message": "Invalid size '4096x4096'. The longest edge must be less than or equal to 3840.",
        "type": "image_generation_user_error",
        "param": "size",
        "code": "invalid_value",
    }


def test_an_unknown_model_is_not_found(sandbox: Sandbox) -> None:
    response = sandbox.generate("A fox", model="dall-e-3")
    assert (response.status_code, error(response)["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, None), ({"Authorization": "Bearer "}, None), ({"Authorization": "Bearer sk-wrong"}, "invalid_api_key")],
)
def test_a_call_without_a_good_key_is_refused(sandbox: Sandbox, headers: Any, code: str | None) -> None:
    response = requests.post(f"{sandbox.url}/v1/images/generations", json={}, headers=headers, timeout=60)
    assert (response.status_code, error(response)["code"]) == (401, code)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(sandbox: Sandbox, body: bytes) -> None:
    headers = {"Authorization": "Bearer sk-x", "Content-Type": "application/json"}
    response = requests.post(f"{sandbox.url}/v1/images/generations", data=body, headers=headers, timeout=60)
    assert (response.status_code, error(response)["type"]) == (400, "invalid_request_error")


def test_an_unknown_address_is_not_found(sandbox: Sandbox) -> None:
    response = sandbox.post("images/variations", {})
    assert (response.status_code, error(response)["code"]) == (404, "unknown_url")


def test_another_method_is_not_allowed(sandbox: Sandbox) -> None:
    response = requests.get(f"{sandbox.url}/v1/images/edits", headers={"Authorization": "Bearer x"}, timeout=60)
    assert (response.status_code, error(response)["code"]) == (405, "method_not_supported")


def test_half_a_surrogate_in_a_prompt_does_no_harm(sandbox: Sandbox) -> None:
    assert opened(content(sandbox.generate("A fox \ud800"))).size == (816, 816)
    assert sandbox.page("/").status_code == 200
