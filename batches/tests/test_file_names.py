import time
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches.lists.file_names import MAX_BYTES, MAX_CHARACTERS, file_name, file_names, zip_name

#: The same texts each time, however long each takes.
REPEATABLE = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize("name", ["cat", "el ñandú", "猫", "кот №5", "قطة", "🐈", FAMILY, "½ cat²", "می\u200cخواهم"])
def test_readable_names_stay_unchanged_in_any_script(name: Any) -> None:
    assert file_name(name, "png") == f"{name}.png"


def test_names_are_in_composed_form() -> None:
    assert file_name(unicodedata.normalize("NFD", "ñandú"), "png") == "ñandú.png"


@pytest.mark.parametrize(
    "typed",
    [
        *("cat.png", "cat.PNG", "cat.JPG", "cat.jpeg", "cat.webp", "cat.png.", " cat.png "),
        *("cat.tif", "cat.TIFF", "cat.bmp", "cat.heic", "cat.HEIF", "cat.svg"),
    ],
)
def test_an_extension_that_the_customer_typed_is_replaced_by_the_real_one(typed: str) -> None:
    assert file_name(typed, "jpg") == "cat.jpg"


def test_a_dot_that_starts_no_picture_extension_is_part_of_the_name() -> None:
    assert file_name("cat v2.1", "png") == "cat v2.1.png"


@pytest.mark.parametrize("path", ["../../x", "/x", "C:\\x", "\\\\server\\x", "~/x", "./x", "a/b/../x"])
def test_a_path_becomes_a_plain_name(path: str) -> None:
    name = file_name(path, "png")
    assert name.endswith("x.png")
    assert not set(name) & set("/\\:")
    assert not name.startswith(".")


def test_characters_that_windows_refuses_become_hyphens() -> None:
    assert file_name("a<b>c:d/e\\f|g?h*i", "png") == "a-b-c-d-e-f-g-h-i.png"


def test_double_quotes_become_single_ones() -> None:
    assert file_name('the "big" cat', "png") == "the 'big' cat.png"


@pytest.mark.parametrize(
    "name", ["CON", "con", "PRN", "aux", "NUL", "COM1", "lpt9", "COM0", "LPT¹", "con.tar", "NUL .x"]
)
def test_windows_devices_are_not_file_names(name: str) -> None:
    assert file_name(name, "png") == f"_{name}.png"


@pytest.mark.parametrize("name", ["console", "COM10", "auxiliary", "my con"])
def test_names_that_only_resemble_a_windows_device_stay_unchanged(name: str) -> None:
    assert file_name(name, "png") == f"{name}.png"


def test_a_prompt_that_is_cut_down_to_a_windows_device_is_made_safe() -> None:
    assert file_names([], ["CON,"], "png") == ["_CON.png"]


@pytest.mark.parametrize(
    "name", ["ca\u202et", "\u200ecat", "c\x00at", "ca\u200bt", "c\ud800at", "ca\u2066t", "c\u200dat"]
)
def test_controls_and_invisible_characters_are_dropped(name: str) -> None:
    assert file_name(name, "png") == "cat.png"


@pytest.mark.parametrize("name", ["a\tcat", "a  cat", "a\u00a0cat", "a\u2028cat", "a\u3000cat"])
def test_every_kind_of_blank_becomes_one_plain_space(name: str) -> None:
    assert file_name(name, "png") == "a cat.png"


@pytest.mark.parametrize("name", [" cat ", ".cat", "cat.", "cat. .", "...cat...", "-cat"])
def test_dots_spaces_and_hyphens_at_the_ends_are_trimmed(name: str) -> None:
    assert file_name(name, "png") == "cat.png"


@pytest.mark.parametrize("name", ["~cat", "~~cat", " ~cat", "-~cat"])
def test_a_leading_tilde_is_replaced(name: str) -> None:
    assert file_name(name, "png") == "_cat.png"


@pytest.mark.parametrize("name", ["", " ", "...", "///", ".png", "\u200b", "\u3164", "?*"])
def test_a_name_of_which_nothing_is_left_gets_a_plain_one(name: str) -> None:
    assert file_name(name, "png") == "image.png"


def test_a_long_name_is_cut_to_120_characters() -> None:
    assert file_name("a" * 300, "png") == "a" * 116 + ".png"


def test_a_long_name_is_cut_to_240_bytes() -> None:
    assert file_name("猫" * 300, "png") == "猫" * 78 + ".png"


@pytest.mark.parametrize("grapheme", [FAMILY, "🇪🇸", "👍🏽", "q\u0323\u0307", "❤\ufe0f", "नि"])
def test_a_cut_never_splits_what_reads_as_one_character(grapheme: Any) -> None:
    stem = file_name("a" + grapheme * 200, "png").removesuffix(".png")
    assert stem == "a" + grapheme * ((len(stem) - 1) // len(grapheme))


def test_a_single_character_longer_than_any_file_name_is_cut_all_the_same() -> None:
    assert len(file_name("q" + "\u0323" * 500, "png")) <= MAX_CHARACTERS


@REPEATABLE
@given(st.text(max_size=400))
def test_any_text_makes_a_safe_name(text: str) -> None:
    name = file_name(text, "png")
    assert len(name) <= MAX_CHARACTERS
    assert len(name.encode()) <= MAX_BYTES
    assert not set(name) & set('<>:"/\\|?*')
    assert name.endswith(".png")
    assert name[0] not in " .-~"
    assert name.removesuffix(".png")[-1] not in " ."


@REPEATABLE
@given(st.text(max_size=200))
def test_a_safe_name_is_left_as_it_is(text: str) -> None:
    assert file_name(file_name(text, "png"), "png") == file_name(text, "png")


def test_rows_without_a_name_of_their_own_are_named_after_their_prompt() -> None:
    assert file_names(["one", ""], ["a cat", "a red dog", "a bird."], "png") == [
        "one.png",
        "a red dog.png",
        "a bird.png",
    ]


def test_a_long_prompt_is_cut_at_a_word() -> None:
    prompt = "a very fat orange cat that sits on the warm roof of a house by the sea"
    assert file_names([], [prompt], "png") == ["a very fat orange cat that sits on the warm roof of a house.png"]


def test_a_long_prompt_without_spaces_is_cut_at_a_character() -> None:
    assert file_names([], ["猫" * 200], "png") == ["猫" * 60 + ".png"]


def test_a_prompt_of_which_nothing_is_left_gets_a_plain_name() -> None:
    assert [file_names([], [prompt], "png")[0] for prompt in ("???", "🐈", "!")] == ["image.png", "🐈.png", "!.png"]


def test_images_without_any_name_are_numbered_in_the_order_of_the_list() -> None:
    assert file_names([], ["a dog", "a cat"], "png") == ["1 a dog.png", "2 a cat.png"]
    names = file_names(["", " "], [f"{10 - n} cats" for n in range(10)], "png")
    assert names == sorted(names)
    assert names[0] == "01 10 cats.png"


def test_equal_names_are_numbered() -> None:
    assert file_names(["cat"] * 3, ["p"] * 3, "png") == ["cat.png", "cat-2.png", "cat-3.png"]


def test_a_number_never_takes_a_name_that_the_customer_gave_later() -> None:
    assert file_names(["cat", "cat", "cat-2"], ["p"] * 3, "png") == ["cat.png", "cat-3.png", "cat-2.png"]


def test_a_name_that_the_customer_gave_comes_before_one_made_from_a_prompt() -> None:
    assert file_names(["", "cat"], ["cat", "p"], "png") == ["cat-2.png", "cat.png"]


def test_the_same_name_with_another_extension_is_another_name() -> None:
    assert file_names(["cat", "cat"], ["p", "p"], ["png", "jpg"]) == ["cat.png", "cat.jpg"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "CAT"),
        ("straße", "STRASSE"),
        ("ñ", "n\u0303"),
        ("cat", "ｃａｔ"),
        ("2", "²"),
        ("5", "٥"),
        ("❤", "❤\ufe0f"),
        ("さくら", "サクラ"),
        ("ツ", "ｯ"),
        ("🅰", "a"),
        ("می\u200cخواهم", "میخواهم"),
    ],
)
def test_names_that_a_file_system_or_the_database_takes_for_the_same_are_numbered(one: str, other: str) -> None:
    assert file_names([one, other], ["p", "p"], "png")[1] == file_name(f"{other}-2", "png")


@pytest.mark.parametrize(
    ("one", "other"), [("jose", "josé"), ("ano", "año"), ("🐈", "🐕"), ("มา", "ม้า"), ("मन", "मान")]
)
def test_names_that_differ_in_an_accent_are_different(one: str, other: str) -> None:
    assert file_names([one, other], ["p", "p"], "png") == [f"{one}.png", f"{other}.png"]


def test_long_equal_names_stay_within_the_limit_when_numbered() -> None:
    names = file_names(["a" * 300] * 1000, ["p"] * 1000, "png")
    assert len(set(names)) == 1000
    assert max(map(len, names)) <= MAX_CHARACTERS


def test_a_thousand_equal_names_are_numbered_without_delay() -> None:
    started = time.thread_time()
    names = file_names(["a cat"] * 1000, ["p"] * 1000, "png")
    assert names[-1] == "a cat-1000.png"
    assert time.thread_time() - started < 5


@REPEATABLE
@given(st.lists(st.text("aAbñÑ2-.", max_size=4), max_size=30))
def test_the_names_of_a_list_are_always_unique_whatever_the_case(names: Any) -> None:
    made = file_names(names, ["p"] * len(names), "png")
    assert len({name.casefold() for name in made}) == len(names)


@pytest.mark.parametrize(
    ("title", "name"),
    [("My cats", "My cats.zip"), ("", "images.zip"), ("cats.zip", "cats.zip"), ("a/b: c", "a-b- c.zip")],
)
def test_the_zip_is_named_after_its_batch(title: str, name: str) -> None:
    assert zip_name(title) == name
