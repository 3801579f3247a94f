from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageStat

from sandbox.drawing import caption, files
from sandbox.drawing.colours import oklch
from sandbox.drawing.picture import draw
from sandbox.drawing.scenes import SCENES

SQUARE = (256, 256)


def test_a_prompt_always_gives_the_same_picture() -> None:
    assert draw("A red fox", SQUARE, fine=True).tobytes() == draw("A red fox", SQUARE, fine=True).tobytes()


def test_another_prompt_gives_another_picture() -> None:
    assert draw("A red fox", SQUARE).tobytes() != draw("A red fox.", SQUARE).tobytes()


def test_each_image_of_one_request_is_another_one() -> None:
    assert draw("A red fox", SQUARE).tobytes() != draw("A red fox", SQUARE, variant=1).tobytes()


@pytest.mark.parametrize("size", [(1024, 1024), (1536, 864), (864, 1536), (1440, 480), (16, 16)])
def test_a_picture_has_the_size_asked_for(size: Any) -> None:
    assert draw("A very long prompt " * 200, size).size == size


@pytest.mark.parametrize(
    "prompt", ["", "[500]", "🎉🎉", "一只读书的狐狸", "قطة", "x" * 32_000, "a\0b\x07", "\N{ZERO WIDTH JOINER}"]
)
def test_any_prompt_can_be_drawn(prompt: str) -> None:
    assert draw(prompt, SQUARE).size == SQUARE


@pytest.mark.parametrize("scene", SCENES)
def test_a_caption_is_readable_on_every_scene(scene: Any) -> None:
    prompt = f"{scene} night stars" if scene == "night" else scene
    foot = draw(prompt, (512, 512)).crop((300, 470, 500, 500)).convert("L")
    assert ImageStat.Stat(foot).mean[0] < 110  # white on it: at least 4.5 to 1


def test_a_caption_is_part_of_the_picture() -> None:
    with_words = draw("An old map of an island", SQUARE)
    assert ImageStat.Stat(with_words.crop((10, 225, 120, 250)).convert("L")).extrema[0][1] > 240


def test_a_long_caption_ends_in_an_ellipsis() -> None:
    lines = caption.wrap("word " * 300, caption.font(20), 200)
    assert len(lines) == caption.MAX_LINES
    assert lines[-1].endswith("…")


def test_a_word_wider_than_the_picture_is_cut() -> None:
    face = caption.font(20)
    *lines, _last = caption.wrap("x" * 60, face, 100)
    assert lines
    assert all(face.getlength(line) <= 100 for line in lines)


def test_a_script_without_a_typeface_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caption, "families", lambda: [""])
    assert caption.printable("一只狐狸") == ("Prompt in CJK, 4 characters", "")


def test_accents_are_left_out_on_a_machine_without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caption, "families", lambda: [""])
    assert caption.printable("Una lámpara 🎉") == ("Una lampara", "")


@pytest.mark.parametrize(("name", "expected"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_a_picture_is_encoded_in_the_format_asked_for(name: str, expected: str) -> None:
    assert Image.open(BytesIO(files.encode(draw("A fox", SQUARE), name))).format == expected


def test_a_transparent_picture_has_transparent_corners() -> None:
    picture = draw("A fox", SQUARE, transparent=True)
    assert (picture.getpixel((0, 0))[3], picture.getpixel((128, 128))[3]) == (0, 255)


def test_a_mask_keeps_the_reference_where_it_is_opaque() -> None:
    mask = Image.new("RGBA", SQUARE)
    mask.paste((0, 0, 0, 255), (0, 0, 128, 256))
    picture = draw("A fox", SQUARE, reference=Image.new("RGB", SQUARE, (1, 2, 3)), mask=mask)
    assert picture.getpixel((60, 60)) == (1, 2, 3)
    assert picture.getpixel((190, 100)) != (1, 2, 3)


def test_white_and_black_survive_the_colour_space() -> None:
    assert (oklch(1, 0, 0), oklch(0, 0, 0)) == ((255, 255, 255), (0, 0, 0))
