import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from batches.lists.parsing import (
    FORMAT_CHARACTERS,
    MAX_LINES,
    MAX_PROMPT_CHARACTERS,
    Lists,
    RowError,
    check_prompts,
    read_lists,
)


def parse_prompts(prompts: Any) -> list[str]:
    return read_lists(prompts).prompts


@contextmanager
def split_texts() -> Iterator[list[str]]:
    """Note the texts that are split into lines, whoever does it."""
    found: list[str] = []

    def note(frame: object, event: str, act: Any) -> None:
        if event == "c_call" and act.__name__ in ("split", "splitlines") and isinstance(act.__self__, str):
            found.append(act.__self__)

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)


def parse_names(names: Any, prompts: Any = ()) -> list[str]:
    return read_lists(prompts, names).names


def test_each_line_is_one_prompt() -> None:
    assert parse_prompts("a red cat\na blue dog") == ["a red cat", "a blue dog"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_line_ends_of_every_system_are_understood(line_end: str) -> None:
    assert parse_prompts(f"cat{line_end}dog{line_end}") == ["cat", "dog"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_separators_that_a_textarea_shows_inside_a_line_do_not_split_it(separator: str) -> None:
    assert parse_prompts(f"cat{separator}dog") == [f"cat{separator}dog"]


@pytest.mark.parametrize("blank", ["\x0b", "\x0c", "\x85"])
def test_breaks_inside_a_line_are_blanks(blank: str) -> None:
    assert read_lists(f"cat{blank}dog{blank}\n{blank}").prompts == ["cat dog"]
    assert read_lists([f"{blank}cat{blank}dog"], [f"one{blank}two"]) == Lists(["cat dog"], ["one two"])


def test_a_control_character_that_python_takes_for_a_line_end_does_not_split_it() -> None:
    assert parse_prompts("cat\x1edog") == ["catdog"]


def test_blanks_around_a_prompt_are_stripped() -> None:
    assert parse_prompts("  cat\t\n\u00a0dog\u3000") == ["cat", "dog"]


def test_blank_lines_are_dropped() -> None:
    assert parse_prompts("\n\ncat\n   \n\t\ndog\n\n") == ["cat", "dog"]


def test_lines_of_invisible_characters_count_as_blank() -> None:
    assert parse_prompts("\u200b\ncat\n\u200e\u2060") == ["cat"]


def test_only_blank_lines_make_an_empty_list() -> None:
    assert parse_prompts(" \n\r\n\t") == []


def test_nul_and_control_characters_are_removed() -> None:
    assert parse_prompts("c\x00a\x07t\x7f\x9f") == ["cat"]


def test_tabs_inside_a_prompt_stay() -> None:
    assert parse_prompts("cat\tdog") == ["cat\tdog"]


def test_lone_surrogates_are_removed() -> None:
    assert parse_prompts("cat \ud83d dog") == ["cat  dog"]


def test_a_byte_order_mark_is_removed() -> None:
    assert parse_prompts("\ufeffcat\n\ufeffdog") == ["cat", "dog"]


@pytest.mark.parametrize("prompt", ["👩🏽‍🚀 on the moon", "قطة حمراء", "\u200fשלום cat", "ñandú 猫"])
def test_emoji_and_right_to_left_text_stay_unchanged(prompt: str) -> None:
    assert parse_prompts(prompt) == [prompt]


def test_an_empty_line_between_names_keeps_its_row() -> None:
    assert parse_names("one\n\nthree\n") == ["one", "", "three"]


def test_an_empty_first_line_of_names_keeps_its_row() -> None:
    assert parse_names("\ntwo") == ["", "two"]


def test_empty_lines_after_the_last_name_are_dropped() -> None:
    assert parse_names("one\n\n \n") == ["one"]


@pytest.mark.parametrize(
    ("prompts", "names", "expected"),
    [
        ("a fox\n\na lemon\na tram", "fox\n\nlemon", ["fox", "lemon"]),
        ("\na fox\r\n\r\na lemon", "\nfox\n \nlemon\n\n", ["fox", "lemon"]),
        ("a fox\n\na lemon\na tram", "fox\n\n\ntram", ["fox", "", "tram"]),
    ],
)
def test_a_line_that_is_blank_in_both_texts_is_dropped_from_both(prompts: str, names: str, expected: Any) -> None:
    assert parse_names(names, prompts) == expected


def test_names_without_blank_lines_meet_prompts_with_blank_lines_one_after_the_other() -> None:
    assert parse_names("fox\nlemon\ntram", "a fox\n\na lemon\n\na tram") == ["fox", "lemon", "tram"]


@pytest.mark.parametrize("line_end", ["", "\n", "\n\n"])
def test_blank_lines_beyond_the_prompts_are_not_counted_as_names(line_end: str) -> None:
    assert parse_names("fox\nlemon\n\ntram", f"a fox\na lemon{line_end}") == ["fox", "lemon", "tram"]


def test_blank_entries_of_a_list_of_names_stay_whatever_the_prompts() -> None:
    assert parse_names(["fox", "", "tram"], "a fox\n\na tram") == ["fox", "", "tram"]


@pytest.mark.parametrize(
    "text",
    [
        "prompt,name\na fox,fox\na tram,\n",
        "Name\tPrompt\r\nfox\ta fox\r\n\t\r\n\ta tram\r\n",
        '\ufeffsep=;\n"prompt";"name"\n"a\nfox";fox\na tram\n',
    ],
)
def test_a_table_with_a_header_brings_prompts_and_names(text: str) -> None:
    assert read_lists(text) == Lists(["a fox", "a tram"], ["fox"])


def test_names_of_their_own_are_used_instead_of_a_tables() -> None:
    assert read_lists("prompt,name\na fox,fox\na tram,tram", "one\ntwo").names == ["one", "two"]


def test_a_row_of_a_table_without_a_prompt_is_named() -> None:
    assert read_lists("prompt,name\na fox,fox\n,tram").prompt_errors == [RowError(2, "empty_prompt")]


@pytest.mark.parametrize(
    "text",
    [
        "prompt\na fox",
        "a prompt, a name\na fox, big",
        "prompt, big\na fox, small",
        "name,file\nfox,fox.png",
        "prompt,name\na fox, big,fox",
        'prompt,name\n"a fox,fox',
    ],
)
def test_a_text_that_only_resembles_a_table_is_a_prompt_a_line(text: str) -> None:
    assert parse_prompts(text) == text.split("\n")


def test_no_text_means_no_names() -> None:
    assert parse_names("") == []


def test_a_list_without_prompts_is_an_error() -> None:
    assert check_prompts([]) == [RowError(None, "empty_list")]


def test_a_thousand_prompts_are_accepted() -> None:
    assert check_prompts(["cat"] * 1000) == []


def test_one_prompt_more_than_the_limit_is_an_error_of_the_whole_list() -> None:
    expected = RowError(None, "too_many_prompts", {"count": 1001, "limit": 1000})
    assert check_prompts(["cat"] * 1001) == [expected]


def test_a_list_that_is_too_long_has_no_further_errors() -> None:
    assert len(check_prompts(["x" * 40_000] * 1001)) == 1


def test_a_prompt_of_the_longest_length_is_accepted() -> None:
    assert check_prompts(["x" * MAX_PROMPT_CHARACTERS]) == []


def test_each_prompt_that_is_too_long_is_named_by_its_row() -> None:
    errors = check_prompts(["x" * 40_000, "cat", "y" * 32_001])
    assert errors == [
        RowError(1, "prompt_too_long", {"characters": 40_000, "limit": 32_000}),
        RowError(3, "prompt_too_long", {"characters": 32_001, "limit": 32_000}),
    ]


@pytest.mark.parametrize("names", [[], ["one"], ["one", "two"]])
def test_as_many_names_as_prompts_or_fewer_are_accepted(names: Any) -> None:
    assert read_lists(["a cat", "a dog"], names).name_errors == []


def test_more_names_than_prompts_is_an_error() -> None:
    expected = RowError(None, "more_names_than_prompts", {"names": 3, "prompts": 2})
    assert read_lists(["a cat", "a dog"], ["one", "two", "three"]).name_errors == [expected]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_as_many_lines_as_are_looked_at_are_accepted(line_end: str) -> None:
    assert read_lists("cat" + line_end * MAX_LINES) == Lists(["cat"], [])


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_text_of_too_many_lines_is_refused_before_it_is_looked_at(line_end: str) -> None:
    with split_texts() as split:
        read = read_lists("cat" + line_end * (MAX_LINES + 1), "cat")
    assert read == Lists([], [], [RowError(None, "too_many_lines", {"count": MAX_LINES + 1, "limit": 1000})])
    assert read.is_refused_unread
    assert split == []


def test_names_of_too_many_lines_are_refused_before_they_are_looked_at() -> None:
    with split_texts() as split:
        read = read_lists("cat", "\n" * (MAX_LINES + 1))
    assert [error.code for error in read.name_errors] == ["too_many_lines"]
    assert split == []


def test_each_text_is_split_once() -> None:
    with split_texts() as split:
        read_lists("a cat\na dog", "cat\ndog")
    assert [text for text in split if "\n" in text] == ["a cat\na dog", "cat\ndog"]


def test_every_format_character_counts_as_invisible() -> None:
    is_format = re.compile(f"[{FORMAT_CHARACTERS}]").match
    missed = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf" and not is_format(c)]
    assert missed == []
