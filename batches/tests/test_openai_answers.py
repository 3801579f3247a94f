import base64
import json
from typing import Any

import pytest

from batches.clients.openai_answers import Usage, content_of

PICTURE = bytes(range(256)) * 40
ENCODED = base64.b64encode(PICTURE).decode()


def body(image: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"created": 1, "data": [image], **more}).encode()


def test_the_picture_is_decoded() -> None:
    assert content_of(body({"b64_json": ENCODED})).data == PICTURE


@pytest.mark.parametrize(
    "text",
    [
        f"data:image/png;base64,{ENCODED}",
        base64.encodebytes(PICTURE).decode(),
        ENCODED.replace("\n", "\r\n") + "\r\n",
        base64.urlsafe_b64encode(PICTURE).decode(),
        base64.urlsafe_b64encode(PICTURE + b"!").decode().rstrip("="),
    ],
)
def test_base64_is_read_in_all_its_spellings(text: str) -> None:
    assert content_of(body({"b64_json": text})).data.removesuffix(b"!") == PICTURE


@pytest.mark.parametrize("start", [b"event: image_generation.completed\n", b": ping\n\n", b""])
def test_an_event_stream_is_read(start: bytes) -> None:
    event = {"type": "image_generation.completed", "b64_json": ENCODED, "usage": {"output_tokens": 196}}
    content = content_of(start + b"data: " + json.dumps(event).encode() + b"\n\ndata: [DONE]\n\n")
    assert (content.data, content.usage) == (PICTURE, Usage(0, 0, 196))


def test_a_partial_image_is_not_delivered() -> None:
    event = {"type": "image_generation.partial_image", "b64_json": ENCODED}
    with pytest.raises(ValueError):
        content_of(b"data: " + json.dumps(event).encode())


def test_the_usage_is_read_from_the_details() -> None:
    counted = {
        "input_tokens": 50,
        "output_tokens": 1756,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
        "output_tokens_details": {"text_tokens": 0, "image_tokens": 1700},
    }
    assert content_of(body({"b64_json": ENCODED}, usage=counted)).usage == Usage(10, 40, 1700)


def test_without_details_all_output_counts_as_image_and_all_input_as_text() -> None:
    counted = {"input_tokens": 50, "output_tokens": 196}
    assert content_of(body({"b64_json": ENCODED}, usage=counted)).usage == Usage(50, 0, 196)


@pytest.mark.parametrize("counted", [None, "many", {}, {"input_tokens": 0, "output_tokens": 0}, {"input_tokens": "5"}])
def test_a_server_that_counts_nothing_has_no_usage(counted: Any) -> None:
    assert content_of(body({"b64_json": ENCODED}, usage=counted)).usage is None


def test_escaped_slashes_are_understood() -> None:
    text = json.dumps({"data": [{"b64_json": "////"}]}).replace("/", "\\/")
    assert content_of(text.encode()).data == b"\xff\xff\xff"


def test_a_picture_may_be_an_address() -> None:
    content = content_of(body({"url": "https://files.example/1.png", "b64_json": None}))
    assert (content.data, content.url) == (b"", "https://files.example/1.png")


def test_an_address_may_carry_the_picture_itself() -> None:
    content = content_of(body({"url": f"data:image/png;base64,{ENCODED}"}))
    assert (content.data, content.url) == (PICTURE, "")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b'{"data": []}',
        b'{"data": [null]}',
        b'{"data": {"b64_json": "AAAA"}}',
        b'{"data": [{"b64_json": ""}]}',
        b'{"data": [{"b64_json": "AAAAA"}]}',
        b'{"data": [{"b64_json": "data:image/png"}]}',
        b'{"data": [{"b64_json": "A*AA"}]}',
        b'{"data": [{"b64_json": 5}]}',
        b'{"data": [{"url": 5}]}',
        b'{"data": [{"url": ""}]}',
        b'{"data": [{"b64_json": "AAAA',
        b'{"error": {"message": "\xff"}}',
    ],
)
def test_an_answer_without_a_readable_picture_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):
        content_of(answer)
