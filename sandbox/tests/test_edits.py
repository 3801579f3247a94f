import base64
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image

from sandbox.openai import usage

from .conftest import KEY, Sandbox, content, error, opened

FIELDS = {"model": "gpt-image-2.5-flare", "prompt": "A fox", "size": "816x816", "quality": "low"}


def file_of(mode: str = "RGB", size: tuple[int, int] = (64, 64), file_format: str = "PNG") -> bytes:
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, file_format)
    return buffer.getvalue()


def data_url(file: bytes) -> dict[str, str]:
    return {"image_url": f"data:image/png;base64,{base64.b64encode(file).decode()}"}


def edit(sandbox: Sandbox, *parts: tuple[str, bytes], **fields: str) -> requests.Response:
    files = [(name, ("picture.png", file, "image/png")) for name, file in parts]
    return requests.post(
        f"{sandbox.url}/v1/images/edits", data={**FIELDS, **fields}, files=files, headers=KEY, timeout=60
    )


def test_one_reference_comes_as_image(sandbox: Sandbox) -> None:
    answer = edit(sandbox, ("image", file_of()), n="2")
    assert opened(content(answer, 1)).size == (816, 816)
    assert answer.json()["usage"]["input_tokens_details"]["image_tokens"] == 16


@pytest.mark.parametrize(
    ("size", "tokens"),
    [
        ((1024, 1024), 1024),
        ((512, 512), 1024),
        ((768, 1024), 768),
        ((256, 256), 256),
        ((1024, 576), 576),
        ((1536, 864), 1296),
        ((2048, 2048), 1536),
        ((1024, 64), 352),
    ],
)
def test_references_count_by_their_size(size: tuple[int, int], tokens: int) -> None:
    assert usage.reference_tokens(*size) == tokens


def test_several_references_come_as_a_list(sandbox: Sandbox) -> None:
    assert edit(sandbox, ("image[]", file_of()), ("image[]", file_of(file_format="JPEG"))).status_code == 200
    assert sandbox.calls()["calls"][-1]["reference_count"] == 2


def test_references_come_as_data_urls_in_json(sandbox: Sandbox) -> None:
    answer = sandbox.post("images/edits", {**FIELDS, "images": [data_url(file_of())]})
    assert opened(content(answer)).size == (816, 816)


def test_a_reference_changes_the_picture(sandbox: Sandbox) -> None:
    assert content(edit(sandbox, ("image", file_of()))) != content(sandbox.generate("A fox"))


def test_a_mask_with_alpha_is_taken(sandbox: Sandbox) -> None:
    assert edit(sandbox, ("image", file_of()), ("mask", file_of("RGBA"))).status_code == 200


@pytest.mark.parametrize("mask", [file_of("RGB"), file_of("RGBA", (32, 32)), b"no image"])
def test_a_mask_of_another_kind_or_size_is_refused(sandbox: Sandbox, mask: Any) -> None:
    answer = edit(sandbox, ("image", file_of()), ("mask", mask))
    assert (answer.status_code, error(answer)["code"]) == (400, "invalid_image_file")


@pytest.mark.parametrize("file", [b"no image", file_of()[:40], file_of(file_format="GIF")])
def test_a_file_that_is_no_image_is_refused(sandbox: Sandbox, file: Any) -> None:
    answer = edit(sandbox, ("image", file))
    assert (answer.status_code, error(answer)["code"]) == (400, "invalid_image_file")


def test_more_than_sixteen_references_are_refused(sandbox: Sandbox) -> None:
    assert error(edit(sandbox, *[("image[]", file_of())] * 17))["code"] == "invalid_image_file"


@pytest.mark.parametrize("fields", [{}, {"images": []}])
def test_an_edit_needs_a_reference(sandbox: Sandbox, fields: Any) -> None:
    assert error(sandbox.post("images/edits", {**FIELDS, **fields}))["code"] == "missing_required_parameter"


@pytest.mark.parametrize("image", [{"file_id": "file-1"}, {"image_url": "https://example.com/a.png"}, "text"])
def test_a_reference_elsewhere_is_refused(sandbox: Sandbox, image: Any) -> None:
    assert error(sandbox.post("images/edits", {**FIELDS, "images": [image]}))["code"] == "invalid_image_file"


def test_the_second_model_takes_no_input_fidelity(sandbox: Sandbox) -> None:
    answer = edit(sandbox, ("image", file_of()), model="gpt-image-2", input_fidelity="high")
    assert error(answer)["code"] == "invalid_input_fidelity_model"
