"""“Use this image for the rest”, and photos that are deleted and added again."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from batches import lifecycle
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch, ImageModel, Prompt, Reference
from batches.orders.order import Choices
from batches.references import attaching, for_the_rest, uploads
from batches.review.versions import make_again
from batches.runs import leases, outcomes
from billing.credits.check import unbalanced_accounts
from billing.refusals import NotEnoughCredits
from tests.cast import MakeBatch, begin, deliver_next, fail_next, png

pytestmark = pytest.mark.django_db
MakePhoto = Callable[[], Reference]


@pytest.fixture(autouse=True)
def books_are_right() -> Iterator[None]:
    yield
    assert unbalanced_accounts() + holds_that_do_not_add_up() == []
    counts = [(batch.character_count, batch.prompts.character_count()) for batch in Batch.objects.all()]
    assert all(stored == counted for stored, counted in counts)


@pytest.fixture
def photo(alice: User) -> MakePhoto:
    """Return what uploads a photo of Alice's."""
    return lambda: uploads.store(alice, ContentFile(png(300, 400), "me.png"))


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo", png(300, 300))


def rows(batch: Batch) -> list[tuple[int, int]]:
    return list(batch.prompts.order_by("position").values_list("credits", "reference_count"))


def url(batch: Batch, path: str) -> str:
    return f"/batches/{batch.pk}/photos/{path}"


def test_waiting_images_are_created_from_it_too(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 4)
    deliver_next(batch)
    begin(batch)
    offer = alices.get(url(batch, "rest/")).json()
    assert (offer["images"], offer["credits"]) == (2, 4)
    alices.post(url(batch, "rest/"), {"photo": file(), "credits": "4"})
    assert rows(batch) == [(1, 0), (1, 0), (3, 1), (3, 1)]
    assert Reference.objects.of_prompt(batch.prompts.last()) == [Reference.objects.get()]
    assert batch.hold.__class__.objects.get().credits == 1 + 3 + 3


def test_it_comes_after_the_photos_of_the_batch(alice: User, make_batch: MakeBatch, photo: MakePhoto) -> None:
    first, result = photo(), uploads.store(alice, file())
    batch = make_batch(alice, 2, references=[first])
    change = for_the_rest.use(batch, result, alice, credits=4)
    assert change == for_the_rest.Change(number=2, image_count=2, credits=4)
    assert rows(batch) == [(5, 2)] * 2
    assert Reference.objects.of_prompt(batch.prompts.first()) == [first, result]


def test_rows_with_photos_of_their_own_stay_as_they_are(
    alice: User, make_batch: MakeBatch, image_model: ImageModel, photo: MakePhoto
) -> None:
    own = Choices(image_model, image_model.qualities.get(quality="low"), "png", "1:1", references=[photo()])
    batch = make_batch(alice, 2, overrides={1: own})
    for_the_rest.use(batch, photo(), alice, credits=9)
    assert rows(batch) == [(3, 1), (3, 1)]
    assert batch.reference_links.filter(position=0).count() == 1


@pytest.mark.parametrize(("style", "whole"), [("", "same style"), ("in oil", "in oil, same style")])
def test_the_style_is_added_openly(alices: Client, alice: User, make_batch: MakeBatch, style: str, whole: str) -> None:
    batch = make_batch(alice, 2, style=style)
    deliver_next(batch)
    alices.post(url(batch, "rest/"), {"photo": file(), "credits": "9", "style": "on"})
    words = f"{whole} as image 1, other content"
    assert [prompt.style for prompt in batch.prompts.order_by("position")] == [style, words]
    assert words in alices.get(batch.get_absolute_url()).content.decode()


def test_without_credits_nothing_changes(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 5)
    mine = uploads.store(bob, ContentFile(png(300, 400), "me.png"))
    with pytest.raises(NotEnoughCredits):
        for_the_rest.use(batch, mine, bob, credits=99)
    batch.refresh_from_db()
    assert rows(batch) == [(1, 0)] * 5


def test_it_never_costs_more_than_was_shown(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    page = alices.post(url(batch, "rest/"), {"photo": file(), "credits": "5"}, follow=True).content.decode()
    assert "Try again." in page
    assert rows(batch) == [(1, 0)] * 3


def test_the_same_image_is_used_once(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    alices.post(url(batch, "rest/"), {"photo": file(), "credits": "6"})
    page = alices.post(url(batch, "rest/"), {"photo": file(), "credits": "6"}, follow=True).content.decode()
    assert "already created from this image" in page
    assert rows(batch) == [(3, 1)] * 3


@pytest.mark.parametrize("end", [lambda batch, alice: lifecycle.cancel(batch, alice), lambda *_: None])
def test_a_batch_that_is_over_or_full_takes_none(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, end: Callable[..., Any]
) -> None:
    batch = make_batch(alice, 1, references=[photo() for _ in range(attaching.MAX_REFERENCES)])
    end(batch, alice)
    assert for_the_rest.use(batch, photo(), alice, credits=99) is None


def test_a_worker_that_has_read_the_prompt_before_does_not_send_it(
    alice: User, make_batch: MakeBatch, photo: MakePhoto
) -> None:
    batch = make_batch(alice, 1)
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk) or "")
    prompt = Prompt.next_up(batch.pk)
    assert prompt is not None
    for_the_rest.use(batch, photo(), alice, credits=9)
    assert not turn.begin(prompt)
    assert turn.stop() == 0


@pytest.mark.parametrize("data", [{}, {"credits": "4"}, {"credits": "-4", "photo": "text"}])
def test_a_form_without_a_photo_is_refused(
    alices: Client, alice: User, make_batch: MakeBatch, data: dict[str, str]
) -> None:
    assert alices.post(url(make_batch(alice), "rest/"), data).status_code == 400


def test_the_page_has_the_photos_and_deletes_one(
    alices: Client, alice: User, make_batch: MakeBatch, photo: MakePhoto
) -> None:
    first, second = photo(), photo()
    batch = make_batch(alice, 1, references=[first, second])
    page = alices.get(batch.get_absolute_url()).content.decode()
    assert f"/batches/references/{first.pk}/" in page
    alices.post(url(batch, "1/delete/"))
    assert list(Reference.objects.all()) == [second]
    assert fail_next(batch, "reference_gone").error_code == "reference_gone"


def test_retrying_needs_the_photos_again(alices: Client, alice: User, make_batch: MakeBatch, photo: MakePhoto) -> None:
    batch = make_batch(alice, 1, references=[photo(), photo()])
    fail_next(batch, "upstream_error")
    assert not Reference.objects.exists()
    page = alices.post(f"/batches/{batch.pk}/retry/", follow=True).content.decode()
    assert "Reference photos were deleted from our server. Add them again." in page
    alices.post(url(batch, "add/"), {"photos": [file(), file()]})
    assert alices.post(f"/batches/{batch.pk}/retry/").status_code == 302
    prompt = batch.prompts.get()
    assert (prompt.status, len(Reference.objects.of_prompt(prompt))) == ("waiting", 2)


def test_another_version_needs_the_photos_again(alice: User, make_batch: MakeBatch, photo: MakePhoto) -> None:
    batch = make_batch(alice, 1, references=[photo()])
    deliver_next(batch)
    with pytest.raises(attaching.ReferencesGone):
        make_again(batch, [1], alice)
    attaching.fill(batch, [photo()])
    version = make_again(batch, [1], alice)[0]
    assert (version.credits, len(Reference.objects.of_prompt(version))) == (3, 1)


def test_a_version_has_the_photos_of_its_row(
    alice: User, make_batch: MakeBatch, image_model: ImageModel, photo: MakePhoto
) -> None:
    mine = photo()
    own = Choices(image_model, image_model.qualities.get(quality="low"), "png", "1:1", references=[mine])
    batch = make_batch(alice, 2, overrides={1: own})
    deliver_next(batch)
    assert Reference.objects.of_prompt(make_again(batch, [1], alice)[0]) == [mine]


def test_photos_are_added_again_as_many_as_are_missing(
    alices: Client, alice: User, make_batch: MakeBatch, photo: MakePhoto
) -> None:
    batch = make_batch(alice, 1, references=[photo(), photo()])
    lifecycle.cancel(batch, alice)
    page = alices.post(url(batch, "add/"), {"photos": [file()]}, follow=True).content.decode()
    assert "Add 2 photos to replace the deleted ones." in page
