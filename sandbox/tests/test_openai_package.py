"""The official package as the client: if it understands the stand-in, so does ours."""

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openai
import pytest
from PIL import Image

from .conftest import Sandbox, opened


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-anything", base_url=f"{sandbox.url}/v1", max_retries=0) as client:
        yield client


def picture_of(answer: Any, number: int = 0) -> Image.Image:
    return opened(base64.b64decode(answer.data[number].b64_json))


def png() -> BytesIO:
    buffer = BytesIO()
    Image.new("RGBA", (64, 64)).save(buffer, "PNG")
    buffer.name = "face.png"
    buffer.seek(0)
    return buffer


def test_it_generates_images(client: openai.OpenAI) -> None:
    answer = client.images.generate(
        model="gpt-image-2.5-flare", prompt="A fox", n=2, size="864x1536", quality="medium", output_format="jpeg"
    )
    assert (picture_of(answer, 1).size, picture_of(answer, 1).format) == ((864, 1536), "JPEG")
    assert answer.usage.output_tokens == 2 * 280


def test_it_edits_with_one_image_and_a_mask(client: openai.OpenAI) -> None:
    answer = client.images.edit(model="gpt-image-2", prompt="A fox", image=png(), mask=png(), quality="low")
    assert picture_of(answer).size == (1024, 1024)


def test_it_edits_with_several_images(client: openai.OpenAI) -> None:
    answer = client.images.edit(model="gpt-image-2.6-flare", prompt="A fox", image=[png(), png()], quality="low")
    assert answer.usage.input_tokens_details.image_tokens == 2 * 16


def test_it_moderates(client: openai.OpenAI) -> None:
    answer = client.moderations.create(model="omni-moderation-latest", input="gore")
    assert answer.results[0].categories.violence_graphic


def test_it_rewrites_a_prompt(client: openai.OpenAI) -> None:
    answer = client.responses.create(
        model="gpt-6-luna", instructions="Rewrite.", input="A fox", reasoning={"effort": "none"}, store=False
    )
    assert answer.output_text.startswith("A fox, ")
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_it_lists_models(client: openai.OpenAI) -> None:
    assert "gpt-image-2.5-flare" in {model.id for model in client.models.list()}


def test_it_retrieves_a_model(client: openai.OpenAI) -> None:
    assert client.models.retrieve("gpt-image-2").shutdown_date is None


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("[refuse] fox", openai.BadRequestError),
        ("[key] fox", openai.AuthenticationError),
        ("[429] fox", openai.RateLimitError),
        ("[money] fox", openai.RateLimitError),
        ("[500] fox", openai.InternalServerError),
        ("[503] fox", openai.InternalServerError),
        ("[drop] fox", openai.APIConnectionError),
    ],
)
def test_it_recognises_the_errors(client: openai.OpenAI, prompt: str, expected: Any) -> None:
    with pytest.raises(expected):
        client.images.generate(model="gpt-image-2.5-flare", prompt=prompt, quality="low")


def test_it_reads_code_and_request_id_of_an_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.images.generate(model="dall-e-3", prompt="A fox")
    assert caught.value.code == "model_not_found"
    assert caught.value.request_id.startswith("req_")


def test_its_own_retries_get_through(sandbox: Sandbox) -> None:
    sandbox.set(retry_after_seconds=0.05)
    with openai.OpenAI(api_key="sk-anything", base_url=f"{sandbox.url}/v1", max_retries=2) as client:
        answer = client.images.generate(model="gpt-image-2.5-flare", prompt="[429] fox", quality="low")
    assert picture_of(answer).size == (1024, 1024)
