"""Bad input through the form: each kind gets a clear message or is made harmless, and never a 500."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.models import Batch, Prompt
from tests.cast import MakeBatch, fail_next

NEW = reverse("batches:new")
Form = dict[str, Any]


def errors(client: Client, form: Form, **changes: Any) -> dict[str, list[str]]:
    """Send the form with the changes, which must be refused; return the errors by field."""
    response = client.post(NEW, {**form, **changes})
    assert response.status_code == 422
    assert not Batch.objects.exists()
    return dict(response.context["form"].errors)


def file_names(client: Client, form: Form, **changes: Any) -> list[str]:
    """Send the form with the changes, which must be taken; return the final file names."""
    assert client.post(NEW, {**form, **changes}).status_code == 302
    return list(Prompt.objects.order_by("position").values_list("file_name", flat=True))


@pytest.mark.any_database
@pytest.mark.parametrize("prompts", ["", "\n \n\t\n", "\x00\x01\u200b\n\ufeff"], ids=["empty", "blank", "invisible"])
def test_an_empty_list_is_refused(alices: Client, form: Form, prompts: str) -> None:
    message = "Enter at least one prompt. Write one prompt per line."
    assert errors(alices, form, prompts=prompts) == {"prompts": [message]}


def test_a_missing_list_is_refused(alices: Client, form: Form) -> None:
    del form["prompts"], form["names"]
    assert "prompts" in errors(alices, form)


def test_a_list_of_1001_prompts_is_refused(alices: Client, form: Form) -> None:
    (message,) = errors(alices, form, prompts="a cat\n" * 1001)["prompts"]
    assert message == "A batch can have up to 1,000 prompts. You have 1,001. Split the list into smaller batches."


def test_a_prompt_of_40000_characters_is_named_by_its_number_among_the_prompts(alices: Client, form: Form) -> None:
    (message,) = errors(alices, form, prompts="a cat\n\n" + "x" * 40_000)["prompts"]
    assert message.startswith("Prompt 2: the prompt has 40,000 characters")


def test_a_prompt_that_is_too_long_only_with_its_style(alices: Client, form: Form) -> None:
    (message,) = errors(alices, form, prompts="a cat\n" + "x" * 31_990, style="watercolour on paper")["style"]
    assert message.startswith("Prompt 2: the prompt has 32,012 characters")


def test_more_names_than_prompts_are_refused(alices: Client, form: Form) -> None:
    (message,) = errors(alices, form, names="1\n2\n3\n4")["names"]
    assert message == "You have more file names (4) than prompts (3). Remove file names or add prompts."


def test_nul_and_control_characters_are_dropped(alices: Client, form: Form) -> None:
    alices.post(NEW, {**form, "prompts": "a \x00cat\x1b\x07", "names": "k\x00i\x1btty", "style": "in \x00o\x1bil"})
    prompt = Prompt.objects.get()
    assert (prompt.text, prompt.file_name, prompt.style) == ("a cat", "kitty.png", "in oil")


def test_a_style_of_several_lines_is_put_on_one(alices: Client, form: Form) -> None:
    alices.post(NEW, {**form, "style": "in oil,\r\n\r\nsoft\tlight\n"})
    assert Batch.objects.get().style == "in oil, soft\tlight"


def test_nul_characters_in_the_title_get_a_message(alices: Client, form: Form) -> None:
    assert "title" in errors(alices, form, title="a\x00b")


@pytest.mark.parametrize("text", ["🦊🦄 👩‍👩‍👧‍👦", "قطة على السطح", "‮evil", "日本の猫", "e\u0301te\u0301"])
def test_any_script_arrives_as_it_was_written(alices: Client, form: Form, text: str) -> None:
    alices.post(NEW, {**form, "prompts": text, "title": "🦊", "style": "猫"})
    batch = Batch.objects.get()
    assert batch.prompts.get().text == text
    assert alices.get(batch.get_absolute_url()).status_code == 200


@pytest.mark.any_database
@pytest.mark.parametrize(
    "name", ["../../x", "..\\..\\x", "/etc/passwd", "C:\\x", "CON", "nul.txt", ".", "..", "a:b?*", " "]
)
def test_no_name_leads_out_of_the_folder(alices: Client, form: Form, name: str) -> None:
    (file_name,) = file_names(alices, form, prompts="a cat", names=name)
    assert not set(file_name) & set('/\\:*?"<>|')
    assert file_name.split(".")[0].upper() not in {"", "CON", "NUL"}


def test_a_name_of_300_characters_is_shortened(alices: Client, form: Form) -> None:
    (file_name,) = file_names(alices, form, prompts="a cat", names="n" * 300)
    assert len(file_name.encode()) <= 255
    assert Prompt.objects.get().name == "n" * 300


def test_a_name_of_3000_characters_is_cut(alices: Client, form: Form) -> None:
    file_names(alices, form, prompts="a cat", names="🦊" * 3000)
    assert Prompt.objects.get().name == "🦊" * 300


def test_the_same_name_twice_is_numbered(alices: Client, form: Form) -> None:
    names = file_names(alices, form, names="Cat\ncat\ncat.png")
    assert len({name.casefold() for name in names}) == 3


@pytest.mark.parametrize("field", ["model", "ratio", "format", "quality"])
def test_an_unknown_choice_is_an_error(alices: Client, form: Form, field: str) -> None:
    values = ["", "nonsense", "<script>", "\x00", "🦊"]
    assert [value for value in values if field not in errors(alices, form, **{field: value})] == []


def test_a_quality_that_the_model_does_not_offer(alices: Client, form: Form) -> None:
    form["model"] = "gpt-image-2"
    assert errors(alices, form, quality="max") == {
        "quality": ["This quality is not available for this model. Select another one."]
    }


@pytest.mark.parametrize(("field", "length"), [("title", 121), ("style", 2001)])
def test_a_text_that_is_too_long(alices: Client, form: Form, field: str, length: int) -> None:
    assert field in errors(alices, form, **{field: "x" * length})


def test_a_submission_key_that_is_none(alices: Client, form: Form) -> None:
    assert "submission_key" in errors(alices, form, submission_key="nonsense")


@pytest.mark.parametrize("batch_id", [uuid.UUID(int=0), uuid.uuid4()])
def test_an_unknown_batch_is_not_found(alices: Client, batch_id: uuid.UUID) -> None:
    assert alices.get(reverse("batches:detail", args=[batch_id])).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "\x00"])
def test_an_unknown_page_of_the_list_shows_the_list(alices: Client, number: str) -> None:
    assert alices.get(reverse("batches:list"), {"page": number}).status_code == 200


@pytest.mark.parametrize("text", ["", " \n ", "x" * 32_001])
def test_a_new_wording_that_cannot_be_used(alices: Client, alice: User, make_batch: MakeBatch, text: str) -> None:
    batch = make_batch(alice)
    fail_next(batch)
    response = alices.post(reverse("batches:edit_prompt", args=[batch.pk, 1]), {"text": text})
    assert response.status_code == 422
    assert "text" in response.context["form"].errors


def test_a_new_wording_of_a_prompt_that_has_not_failed(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    response = alices.post(reverse("batches:edit_prompt", args=[batch.pk, 1]), {"text": "a new one"})
    assert response.status_code == 422
    assert batch.prompts.get(position=1).text == "prompt number 1"
