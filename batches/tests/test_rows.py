"""Rows with choices of their own: each prompt is made, named and charged as it says, or the row is named."""

from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from batches.forms import BatchForm, RowInvalid
from batches.models import Batch
from billing.credits import ledger

Form = dict[str, Any]
PROMPTS = ["a cat", "a dog", "a fox"]


def sent(form: Form, *rows: dict[str, Any], **changes: Any) -> BatchForm:
    """Return the form as a program sends it, with the choices of single rows."""
    return BatchForm({**form, "prompts": PROMPTS, **changes}, rows=rows)


def faults(form: BatchForm) -> list[tuple[int | None, str, str]]:
    """Return row, column and code of what is wrong with the list."""
    assert not form.is_valid()
    found = [error for errors in form.errors.as_data().values() for error in errors]
    return [(each.error.row, each.error.column, each.error.code) for each in found if isinstance(each, RowInvalid)]


def made(form: BatchForm, user: User) -> Batch:
    """Submit the form, which must be taken."""
    assert form.is_valid(), form.errors
    batch = form.submit(user)
    assert batch is not None
    return batch


def test_a_row_is_made_as_it_says_and_the_others_as_the_batch(form: Form, alice: User) -> None:
    batch = made(sent(form, {}, {"ratio": "16:9", "format": "jpg", "style": "in oil"}, {"ratio": None}), alice)
    rows = batch.prompts.order_by("position").values_list("ratio", "format", "style", "file_name")
    assert list(rows) == [
        ("1:1", "png", "", "1 a cat.png"),
        ("16:9", "jpg", "in oil", "2 a dog.jpg"),
        ("1:1", "png", "", "3 a fox.png"),
    ]


def test_the_style_of_a_row_is_cleaned_as_prompts_are(form: Form, alice: User) -> None:
    batch = made(sent(form, {"style": "in\x00\x1b\noil"}), alice)
    assert batch.prompts.get(position=1).style == "in oil"


def test_a_row_costs_what_its_quality_costs(form: Form, alice: User) -> None:
    batch = made(sent(form, {"quality": "medium"}), alice)
    assert list(batch.prompts.order_by("position").values_list("credits", flat=True)) == [2, 1, 1]
    assert ledger.account_of(alice).held == 4


def test_the_bill_counts_each_row(form: Form, alice: User) -> None:
    checked = sent(form, {"quality": "medium"}, {"quality": "medium"})
    assert checked.is_valid()
    assert checked.bill(alice).order.credits_needed == 5


def test_a_row_without_style_drops_that_of_the_batch(form: Form, alice: User) -> None:
    batch = made(sent(form, {"style": ""}, style="in oil"), alice)
    assert [prompt.full_text for prompt in batch.prompts.order_by("position")] == [
        "a cat", "a dog, in oil", "a fox, in oil",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("ratio", "4:3", "unknown_ratio"),
        ("format", "gif", "unknown_format"),
        ("quality", "max", "unknown_quality"),
        ("quality", "", "unknown_quality"),
        ("model", "dall-e-9", "unknown_model"),
        ("style", "x" * 2001, "style_too_long"),
    ],
)
def test_a_wrong_value_is_named_by_row_and_column(form: Form, column: str, value: str, code: str) -> None:
    assert faults(sent(form, {}, {column: value}, model="gpt-image-2")) == [(2, column, code)]


def test_all_wrong_rows_are_named_at_once(form: Form) -> None:
    rows = ({"ratio": "x", "format": "y"}, {}, {"ratio": "z"})
    assert [(row, column) for row, column, _ in faults(sent(form, *rows))] == [
        (1, "format"), (1, "ratio"), (3, "ratio"),
    ]  # fmt: skip


def test_the_limit_of_a_prompt_counts_the_style_of_its_row(form: Form) -> None:
    checked = sent(form, {}, {"style": "in oil"}, prompts=["a cat", "x" * 31_999, "a fox"])
    assert faults(checked) == [(2, "", "prompt_too_long")]


def test_a_blank_entry_of_a_list_is_an_error_of_its_row(form: Form) -> None:
    assert faults(sent(form, prompts=["a cat", " \n ", "a fox"])) == [(2, "", "empty_prompt")]


def test_an_entry_of_several_lines_is_one_prompt(form: Form, alice: User) -> None:
    batch = made(sent(form, prompts=["a cat\r\n on a\n\nroof"]), alice)
    assert batch.prompts.get().text == "a cat on a roof"


def test_the_sentence_of_a_row_is_in_the_readers_language(form: Form) -> None:
    with translation.override("en"):
        (message,) = sent(form, {"ratio": "4:3"}).errors["prompts"]
    assert message == "Prompt 1: this aspect ratio is not available for this model."
