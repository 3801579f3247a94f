"""The client against the sandbox: a real server that speaks OpenAI's protocol strictly."""

import io
import threading
from typing import Any

import pytest
from PIL import Image

from batches.clients import openai
from batches.clients.openai import ImageRequest, InputImage, OpenAIClient
from batches.clients.openai_answers import Usage
from batches.clients.openai_errors import Broken, Busy, Faulty, Refused, Unknown, UpstreamError
from batches.pictures.finish import NotAPicture, finish
from tests.cast import png
from tests.processes import wait_for
from tests.upstream import Upstream


def wanted(prompt: str = "a red cat", **changes: Any) -> ImageRequest:
    defaults = {"model": "gpt-image-2.5-flare", "size": "1024x1024", "quality": "low", "format": "png"}
    return ImageRequest(prompt=prompt, safety_identifier="a-hash", **{**defaults, **changes})


@pytest.fixture
def client(upstream: Upstream) -> OpenAIClient:
    return OpenAIClient(api_key="sk-test", base_url=f"{upstream.url}/v1", timeout=(60, 60))


@pytest.mark.parametrize(("name", "file_format"), [("png", "PNG"), ("jpg", "JPEG")])
def test_a_picture_comes_in_the_format_and_size_asked_for(client: OpenAIClient, name: str, file_format: str) -> None:
    answer = client.generate(wanted(size="1536x864", format=name))
    with Image.open(io.BytesIO(answer.data)) as image:
        assert (image.format, image.size) == (file_format, (1536, 864))


def test_the_usage_and_the_request_id_are_returned(client: OpenAIClient, upstream: Upstream) -> None:
    answer = client.generate(wanted("a red cat on a roof"))
    assert answer.usage == Usage(text_tokens=5, image_tokens_in=0, image_tokens_out=196)
    assert answer.request_id == upstream.calls()[-1]["request_id"]


def test_what_is_asked_for_is_what_upstream_hears(client: OpenAIClient, upstream: Upstream) -> None:
    client.generate(wanted("an ñandú 🐈", size="864x1536", quality="high"))
    call = upstream.calls()[-1]
    heard = [call[name] for name in ("prompt", "model", "size", "quality", "safety_identifier")]
    assert heard == ["an ñandú 🐈", "gpt-image-2.5-flare", "864x1536", "high", "a-hash"]


@pytest.mark.parametrize(
    ("word", "error_class", "code"),
    [
        ("[429]", Busy, "upstream_busy"),
        ("[503]", Busy, "upstream_busy"),
        ("[500]", Faulty, "upstream_error"),
        ("[refuse]", Refused, "refused"),
        ("[bad input]", Refused, "bad_input"),
        ("[40mb]", Refused, "too_large"),
        ("[money]", Broken, "upstream_money"),
        ("[key]", Broken, "upstream_key"),
        ("[garbage]", Unknown, "unreadable_answer"),
        ("[empty]", Unknown, "unreadable_answer"),
        ("[half]", Unknown, "no_answer"),
        ("[drop]", Unknown, "no_answer"),
    ],
)
def test_each_upstream_fault_has_its_own_error(
    client: OpenAIClient, upstream: Upstream, word: str, error_class: Any, code: str
) -> None:
    with pytest.raises(UpstreamError) as failure:
        client.generate(wanted(f"a cat {word}"))
    assert (type(failure.value), failure.value.code) == (error_class, code)
    assert len(upstream.calls()) == 1


def test_a_busy_upstream_says_how_long_to_wait(client: OpenAIClient) -> None:
    with pytest.raises(Busy) as failure:
        client.generate(wanted("a cat [429 7]"))
    assert failure.value.delay_seconds == 7


def test_a_refusal_carries_upstreams_own_words_and_its_request_id(client: OpenAIClient) -> None:
    with pytest.raises(Refused) as failure:
        client.generate(wanted("[refuse]"))
    assert "rejected by the safety system" in failure.value.message
    assert failure.value.request_id.startswith("req_")


def test_an_upstream_that_never_answers_is_given_up(upstream: Upstream) -> None:
    impatient = OpenAIClient(api_key="sk-test", base_url=f"{upstream.url}/v1", timeout=(60, 1.5))
    with pytest.raises(Unknown) as failure:
        impatient.generate(wanted("[hang]"))
    assert failure.value.code == "no_answer"
    wait_for(lambda: len(upstream.calls()) == 1)


def test_an_unknown_model_needs_an_operator(client: OpenAIClient) -> None:
    with pytest.raises(Broken) as failure:
        client.generate(wanted(model="dall-e-3"))
    assert failure.value.code == "upstream_model"


def test_a_picture_at_an_address_of_upstreams_own_is_fetched(client: OpenAIClient) -> None:
    answer = client.generate(wanted("a cat [url]"))
    assert answer.data.startswith(b"\x89PNG")


def test_threads_share_one_client(client: OpenAIClient, upstream: Upstream) -> None:
    answers = []
    threads = [
        threading.Thread(target=lambda number=number: answers.append(client.generate(wanted(f"cat {number}"))))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.request_id for answer in answers}) == len(upstream.calls()) == 8


def test_the_process_has_one_client_for_the_configured_upstream(settings: Any, upstream: Upstream) -> None:
    first = openai.client()
    assert openai.client() is first
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    assert openai.client() is not first


def test_the_configured_upstream_is_called_without_a_key_in_the_sandbox(upstream: Upstream) -> None:
    assert openai.client().generate(wanted()).data


@pytest.mark.parametrize(("word", "code"), [("[text]", "not_an_image"), ("[huge]", "too_many_pixels")])
def test_what_comes_may_still_be_no_picture(client: OpenAIClient, word: str, code: str) -> None:
    answer = client.generate(wanted(f"a cat {word}"))
    with pytest.raises(NotAPicture) as refusal:
        finish(answer.data, format="png", ratio="1:1")
    assert refusal.value.code == code


@pytest.mark.parametrize("word", ["[wrong size]", "[wrong format]", "[alpha]"])
def test_what_comes_in_another_shape_is_brought_into_the_one_asked_for(client: OpenAIClient, word: str) -> None:
    answer = client.generate(wanted(f"a cat {word}", format="jpg"))
    picture = finish(answer.data, format="jpg", ratio="1:1")
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.format, image.width) == ("JPEG", image.height)


def test_photos_are_sent_in_their_order_with_a_mask(client: OpenAIClient, upstream: Upstream) -> None:
    mask = io.BytesIO()
    Image.new("RGBA", (64, 32)).save(mask, "PNG")
    photos = [InputImage(png(64, 32), "image/png"), InputImage(png(256, 256), "image/png")]
    answer = client.generate(wanted("image 1 in the style of image 2", images=photos, mask=mask.getvalue()))
    # Small images are enlarged twice. The mask must have the size of the first one.
    assert answer.usage is not None
    assert answer.usage.image_tokens_in == 4 * 2 + 16 * 16
    call = upstream.calls()[-1]
    assert [call[name] for name in ("endpoint", "reference_count", "size", "safety_identifier")] == [
        "images/edits", 2, "1024x1024", "a-hash",
    ]  # fmt: skip


def test_the_parts_of_a_form_have_names_and_types() -> None:
    request = wanted(images=[InputImage(b"a photo"), InputImage(b"a picture", "image/png")], mask=b"a mask")
    assert request.files() == [
        ("image[]", ("1.jpeg", b"a photo", "image/jpeg")),
        ("image[]", ("2.png", b"a picture", "image/png")),
        ("mask", ("mask.png", b"a mask", "image/png")),
    ]
    assert "input_fidelity" not in request.parameters()
