import pytest

from batches.lists.styles import styled_prompt


def test_the_style_follows_the_prompt_after_a_comma() -> None:
    assert styled_prompt("a red cat", "watercolour, soft") == "a red cat, watercolour, soft"


@pytest.mark.parametrize("style", ["", "  ", "\t", " , "])
def test_a_blank_style_leaves_the_prompt_as_it_is(style: str) -> None:
    assert styled_prompt("a red cat, ", style) == "a red cat, "


@pytest.mark.parametrize("prompt", ["a red cat,", "a red cat, ", "a red cat ;", "a red cat，"])
def test_a_comma_at_the_end_of_the_prompt_is_not_doubled(prompt: str) -> None:
    assert styled_prompt(prompt, "watercolour") == "a red cat, watercolour"


def test_a_comma_at_the_start_of_the_style_is_not_doubled() -> None:
    assert styled_prompt("a red cat", ", watercolour") == "a red cat, watercolour"


@pytest.mark.parametrize("stop", [".", "!", "?", "…", "。", "？"])
def test_after_a_full_sentence_the_style_starts_a_new_one(stop: str) -> None:
    assert styled_prompt(f"A red cat{stop}", "Watercolour.") == f"A red cat{stop} Watercolour."


def test_without_a_prompt_the_style_stands_alone() -> None:
    assert styled_prompt(" ", "watercolour") == "watercolour"
