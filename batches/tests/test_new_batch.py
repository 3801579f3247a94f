"""The form of a new batch: the bill first, then one batch, however often it is sent."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from batches.models import Batch, ImageModel
from batches.tests.conftest import use_up
from billing.credits import ledger
from tests.cast import MakeBatch
from tests.counting import count_page_queries

NEW = reverse("batches:new")
BILL = reverse("batches:bill")
GET_CREDITS = '<a href="/account/billing/">Buy credits</a>'
Form = dict[str, Any]


def test_the_form_has_the_fields_of_the_contract(alices: Client, image_model: ImageModel) -> None:
    page = alices.get(NEW).content.decode()
    for name in ("prompts", "names", "style", "model", "quality", "format", "ratio"):
        assert f'name="{name}"' in page


def test_a_sent_form_leads_to_the_page_of_its_batch(alices: Client, alice: User, form: Form) -> None:
    response = alices.post(NEW, form)
    batch = Batch.objects.get(user=alice)
    assert response.url == batch.get_absolute_url()
    assert alices.get(response.url).status_code == 200


def test_each_line_becomes_a_prompt_with_its_name(alices: Client, form: Form) -> None:
    alices.post(NEW, {**form, "names": "kitty\n\nfoxy", "style": "in oil"})
    rows = Batch.objects.get().prompts.order_by("position").values_list("text", "file_name", "style")
    assert list(rows) == [
        ("a cat", "kitty.png", "in oil"),
        ("a dog", "a dog.png", "in oil"),
        ("a fox", "foxy.png", "in oil"),
    ]


def test_two_columns_with_an_empty_row_keep_their_pairs(alices: Client, form: Form) -> None:
    alices.post(NEW, {**form, "prompts": "a fox\n\na lemon\na tram", "names": "fox\n\nlemon"})
    names = Batch.objects.get().prompts.order_by("position").values_list("file_name", flat=True)
    assert list(names) == ["fox.png", "lemon.png", "a tram.png"]


def test_the_bill_says_how_many_images_the_day_allows(bobs: Client, bob: User, form: Form) -> None:
    use_up(bob, 4)
    page = bobs.post(BILL, {**form, "prompts": "a cat\na dog"}).content.decode()
    assert "<strong>1 today, the rest from " in page
    assert "The batch will pause at the limit and continue automatically." in page


@pytest.mark.parametrize(("field", "value"), [("format", "jpg"), ("ratio", "16:9"), ("quality", "medium")])
def test_a_choice_reaches_every_prompt(alices: Client, form: Form, field: str, value: str) -> None:
    alices.post(NEW, {**form, field: value})
    assert set(Batch.objects.get().prompts.values_list(field, flat=True)) == {value}


def test_a_batch_without_a_title_is_known_by_its_first_prompt(alices: Client, form: Form) -> None:
    alices.post(NEW, form)
    assert str(Batch.objects.get()) == "a cat"


def test_a_form_sent_twice_makes_one_batch(alices: Client, alice: User, form: Form) -> None:
    first, second = (alices.post(NEW, form) for _ in range(2))
    assert first.url == second.url
    assert ledger.account_of(alice).held == 3


@pytest.mark.parametrize(
    "edit", [{"prompts": "an owl"}, {"ratio": "16:9"}, {"style": "in oil"}, {"names": "kitty"}, {"title": "Cats"}]
)
def test_a_form_edited_after_going_back_makes_another_batch(alices: Client, form: Form, edit: Form) -> None:
    first = alices.post(NEW, form)
    second, again = (alices.post(NEW, {**form, **edit}) for _ in range(2))
    assert first.url != second.url == again.url
    assert alices.post(NEW, form).url == first.url
    assert Batch.objects.count() == 2


def test_the_same_key_from_somebody_else_makes_a_batch_of_their_own(alices: Client, bobs: Client, form: Form) -> None:
    assert alices.post(NEW, form).url != bobs.post(NEW, form).url


def test_the_bill_shows_names_and_credits_and_stores_nothing(bobs: Client, form: Form) -> None:
    response = bobs.post(BILL, {**form, "names": "kitty", "quality": "medium"})
    bill = response.context["bill"]
    assert (bill.order.credits_needed, bill.credits_left, bill.missing) == (6, 5, 1)
    assert (bill.order.prompts[0], bill.order.file_names[0]) == ("a cat", "kitty.png")
    assert not Batch.objects.exists()


def test_a_bill_that_cannot_be_paid_says_what_helps(bobs: Client, form: Form) -> None:
    page = bobs.post(f"{BILL}?fragment=1", {**form, "quality": "medium"}).content.decode()
    assert "Shorten the list or choose a lower quality." in page
    assert GET_CREDITS in page


def test_without_a_credit_the_bill_does_not_advise_a_shorter_list(bobs: Client, bob: User, form: Form) -> None:
    ledger.grant_by_operator(bob, -5, "taken")
    page = bobs.post(f"{BILL}?fragment=1", {**form, "prompts": "a cat"}).content.decode()
    assert "You need 1 more credit." in page
    assert "Shorten" not in page
    assert GET_CREDITS in page


def test_a_list_that_is_too_long_for_the_plan_leads_to_the_plans(bobs: Client, form: Form) -> None:
    long = {**form, "prompts": "a cat\n" * 11}
    for page in (bobs.post(f"{BILL}?fragment=1", long), bobs.post(NEW, long)):
        assert '<a href="/pricing/">See plans</a>' in page.content.decode()


@pytest.mark.parametrize(
    ("header", "is_said"), [("prompt,name", False), ("position,prompt", False), ("prompt,quality", True)]
)
def test_the_bill_says_that_choices_of_a_table_are_not_used(
    alices: Client, form: Form, header: str, is_said: bool
) -> None:
    page = alices.post(f"{BILL}?fragment=1", {**form, "prompts": f"{header}\na cat,high"}).content.decode()
    assert ("Only the prompts and file names of your table are used." in page) == is_said


@pytest.mark.parametrize(
    ("prompts", "repeated"),
    [("a cat\na dog", 0), ("a cat\na dog\na cat\na cat", 2), ("prompt,name\na cat,one\na cat,two", 1)],
)
def test_the_bill_says_that_prompts_are_repeated(bobs: Client, form: Form, prompts: str, repeated: int) -> None:
    response = bobs.post(BILL, {**form, "prompts": prompts})
    assert response.context["bill"].repeated_count == repeated
    assert ("an earlier one" in response.content.decode()) == bool(repeated)


def test_the_bill_shows_the_style_at_the_end_of_each_prompt(bobs: Client, form: Form) -> None:
    page = bobs.post(BILL, {**form, "prompts": "a cat,\nA dog.", "style": "in oil"}).content.decode()
    assert "a cat<em>, in oil</em>" in page
    assert "A dog.<em> in oil</em>" in page


def test_the_form_says_how_long_a_list_the_plan_allows(bobs: Client, image_model: ImageModel) -> None:
    page = bobs.get(NEW).content.decode()
    assert "Up to 10 prompts with your plan." in page
    assert 'data-limit="10"' in page


def test_the_bill_comes_as_a_fragment_for_the_script(bobs: Client, form: Form) -> None:
    fragment = bobs.post(f"{BILL}?fragment=1", form).content.decode()
    assert "<html" not in fragment
    assert "a cat.png" in fragment


def test_a_bill_for_a_bad_list_says_what_is_wrong(bobs: Client, form: Form) -> None:
    response = bobs.post(f"{BILL}?fragment=1", {**form, "prompts": ""})
    assert response.status_code == 422
    assert "Enter at least one prompt" in response.content.decode()


def test_too_few_credits_are_said_and_nothing_is_stored(bobs: Client, bob: User, form: Form) -> None:
    response = bobs.post(NEW, {**form, "quality": "medium"})
    assert response.status_code == 422
    assert "needs 6 credits and you have 5 left" in response.content.decode()
    assert GET_CREDITS in response.content.decode()
    assert not Batch.objects.exists()
    assert ledger.account_of(bob).held == 0


def test_what_was_typed_is_still_there_after_an_error(bobs: Client, form: Form) -> None:
    page = bobs.post(NEW, {**form, "ratio": "4:3", "names": "kitty"}).content.decode()
    assert "a cat\na dog\na fox" in page.replace("\r", "")
    assert "kitty" in page


def test_a_model_off_the_menu_cannot_be_chosen(alices: Client, form: Form, image_model: ImageModel) -> None:
    ImageModel.objects.filter(pk=image_model.pk).update(enabled=False)
    response = alices.post(NEW, form)
    assert "This model is not available" in response.content.decode()


def test_a_model_that_upstream_has_shut_down_cannot_be_chosen(
    alices: Client, form: Form, image_model: ImageModel
) -> None:
    ImageModel.objects.filter(pk=image_model.pk).update(retires_on=timezone.localdate())
    assert image_model.code not in alices.get(NEW).content.decode()
    assert "This model is not available" in alices.post(NEW, form).content.decode()


def test_a_choice_that_is_not_on_offer_gives_way_to_the_usual_one(
    alices: Client, form: Form, image_model: ImageModel
) -> None:
    wrong = {**form, "model": "gone", "quality": "", "format": "gif", "ratio": "4:3"}
    page = alices.post(NEW, wrong).content.decode()
    for name, usual in (("model", image_model.code), ("quality", "low"), ("format", "png"), ("ratio", "1:1")):
        assert f'name="{name}" value="{usual}" checked' in page


def test_the_bill_says_which_choice_is_wrong(alices: Client, form: Form, image_model: ImageModel) -> None:
    wrong = {**form, "quality": "", "format": "", "ratio": "", "model": ""}
    page = alices.post(f"{BILL}?fragment=1", wrong).content.decode()
    assert "<li>Model: Select a model.</li><li>Quality: Select a quality.</li>" in page
    assert "<li>File format: Select a file format.</li><li>Aspect ratio: Select an aspect ratio.</li>" in page


def test_the_page_of_a_large_batch_takes_as_many_queries_as_a_small_one(
    alices: Client, alice: User, make_batch: MakeBatch
) -> None:
    small, large = (make_batch(alice, count).get_absolute_url() for count in (3, 300))
    assert count_page_queries(alices, large) == count_page_queries(alices, small)
