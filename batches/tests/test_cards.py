"""The cards of a batch, on its page and in the poll."""

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from batches.choices import PromptStatus
from batches.progress.cards import EXCERPT_CHARACTERS, cards
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.counting import count_page_queries

pytestmark = pytest.mark.any_database


def test_a_card_has_only_the_start_of_a_long_prompt(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["x" * 32_000])
    assert cards(batch.prompts.all())[0]["prompt"] == "x" * EXCERPT_CHARACTERS


@pytest.mark.parametrize(
    ("prompt", "name", "hides_prompt"),
    [
        ("a cat", "", True),
        ("a very long " + "sentence " * 20, "", True),
        ("7", "", True),
        ("cats/dogs", "", False),
        ("a cat", "a cat", True),
        ("a cat", "cat", False),
    ],
)
def test_a_prompt_that_is_the_name_is_not_shown_twice(
    alice: User, make_batch: MakeBatch, prompt: str, name: str, hides_prompt: bool
) -> None:
    batch = make_batch(alice, [prompt, "another"], names=[name])
    assert cards(batch.prompts.all())[0]["is_named_after_prompt"] is hides_prompt


def test_a_prompt_that_was_edited_is_shown_beside_its_old_name(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a cat"])
    batch.prompts.update(text="a dog")
    assert cards(batch.prompts.all())[0]["is_named_after_prompt"] is False


def test_the_page_has_a_card_for_every_prompt_in_list_order(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a fox", "an owl", "<b>a knight</b>"])
    page = alices.get(batch.get_absolute_url()).content.decode()
    places = [page.index(text) for text in ("a fox.png", "an owl.png", "&lt;b&gt;a knight&lt;/b&gt;")]
    assert places == sorted(places)


def test_a_name_that_is_cut_can_be_read_whole(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a fox"], names=["fox " * 40])
    name = escape(cards(batch.prompts.all())[0]["name"])
    assert f'title="{name}">{name}</p>' in alices.get(batch.get_absolute_url()).content.decode()


def test_a_ready_card_can_be_downloaded_and_a_failed_one_edited(
    alices: Client, alice: User, make_batch: MakeBatch
) -> None:
    batch = make_batch(alice)
    deliver_next(batch)
    fail_next(batch)
    page = alices.get(batch.get_absolute_url()).content.decode()
    assert 'href="images/1/?download=1"' in page
    assert 'href="prompts/2/"' in page
    assert "You weren’t charged." in page


def test_the_page_takes_as_many_queries_for_a_hundred_cards_as_for_one(
    alices: Client, alice: User, make_batch: MakeBatch
) -> None:
    few, many = make_batch(alice, 1).get_absolute_url(), make_batch(alice, 100).get_absolute_url()
    assert count_page_queries(alices, few) == count_page_queries(alices, many)


def test_the_label_of_every_card_fits_into_the_narrowest_frame() -> None:
    assert all(len(label) <= 12 for label in PromptStatus.labels)
