"""Batches with reference photos: what is sent upstream, what it costs, and when the photos go."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus, WaitReason
from batches.models import Batch, ImageModel, Reference
from batches.orders.order import Choices
from batches.references import attaching, uploads
from batches.runs import files, turns
from billing.credits import ledger
from tests.cast import MakeBatch, begin, fail_next, png
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]
MakePhoto = Callable[..., Reference]


@pytest.fixture
def photo(alice: User) -> MakePhoto:
    """Return what uploads a photo of Alice's with that width and height."""
    return lambda width=768, height=1024: uploads.store(alice, ContentFile(png(width, height), "me.png"))


def run(batch: Batch) -> Batch:
    turns.take_turn(batch.pk, must_stop=lambda: False)
    batch.refresh_from_db()
    return batch


def test_photos_go_with_each_prompt_and_their_tokens_are_part_of_the_cost(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["a cat", "a dog"], references=[photo(), photo(1024, 1024)]))
    assert batch.status == BatchStatus.FINISHED
    assert [(call["endpoint"], call["reference_count"]) for call in upstream.calls()] == [("images/edits", 2)] * 2
    # Two tokens of text, 768 and 1,024 of photos, 196 of the image.
    assert batch.prompts.first().upstream_cost_cents == Decimal("2.023")


def test_each_photo_is_paid_with_each_image(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream
) -> None:
    before = ledger.account_of(alice).left
    batch = make_batch(alice, ["a cat", "a dog"], references=[photo(), photo()])
    assert Batch.objects.get().hold.credits == 2 * (1 + 2 * 2)
    run(batch)
    assert before - ledger.account_of(alice).left == 10


def test_a_row_can_have_its_own_photos_or_none(
    alice: User, make_batch: MakeBatch, image_model: ImageModel, photo: MakePhoto, upstream: Upstream
) -> None:
    shared, own = photo(), [photo(), photo()]
    low = image_model.qualities.get(quality="low")
    overrides = {n: Choices(image_model, low, "png", "1:1", references=each) for n, each in ((2, own), (3, []))}
    batch = make_batch(alice, ["a cat", "a dog", "a fox"], references=[shared], overrides=overrides)
    found = [Reference.objects.of_prompt(prompt) for prompt in batch.prompts.order_by("position")]
    assert found == [[shared], own, []]
    run(batch)
    assert [call["reference_count"] for call in upstream.calls()] == [1, 2, 0]


def test_a_deleted_photo_fails_its_prompts_uncharged(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream
) -> None:
    before = ledger.account_of(alice).left
    batch = make_batch(alice, ["a cat", "a dog"], references=[photo(), photo()])
    assert turns.advance(batch.pk) == 0
    Reference.objects.filter(links__batch=batch, links__number=2).discard()
    run(batch)
    rows = list(batch.prompts.order_by("position").values_list("status", "error_code"))
    assert rows == [("ready", ""), ("failed", "reference_gone")]
    assert before - ledger.account_of(alice).left == 5
    assert len(upstream.calls()) == 1


def test_a_photo_whose_file_is_lost_fails_its_prompts(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat"], references=[photo()])
    default_storage.delete(Reference.objects.get().file.name)
    assert run(batch).prompts.get().error_code == "reference_gone"


def test_a_storage_that_is_away_puts_the_batch_on_hold(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> bytes:
        raise OSError("away")

    batch = make_batch(alice, ["a cat"], references=[photo()])
    monkeypatch.setattr(default_storage, "open", fail)
    run(batch)
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.STORAGE)
    assert batch.prompts.get().status == PromptStatus.QUEUED


@pytest.mark.parametrize("end", [run, lambda batch: lifecycle.cancel(batch, batch.user), fail_next])
def test_photos_are_deleted_when_the_batch_ends(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream, end: Callable[[Batch], object]
) -> None:
    used, elsewhere, unused = photo(), photo(), photo()
    batch = make_batch(alice, ["a cat"], references=[used, elsewhere])
    make_batch(alice, ["a dog"], references=[elsewhere])
    end(batch)
    assert set(Reference.objects.all()) == {elsewhere, unused}
    assert not default_storage.exists(used.file.name)


def test_an_image_in_flight_is_made_although_its_photo_is_deleted(
    alice: User, make_batch: MakeBatch, photo: MakePhoto, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(alice, ["a cat"], references=[photo()])
    turn, prompt = begin(batch)
    read = files.inputs

    def read_then_delete(*args: object) -> object:
        data = read(*args)
        Reference.objects.all().discard()
        return data

    monkeypatch.setattr(files, "inputs", read_then_delete)
    turns.make_image(turn, prompt)
    assert batch.prompts.get().status == PromptStatus.READY


def test_a_batch_with_a_photo_that_is_gone_does_not_start(alice: User, make_batch: MakeBatch, photo: MakePhoto) -> None:
    gone = photo()
    Reference.objects.all().discard()
    with pytest.raises(attaching.ReferencesGone):
        make_batch(alice, references=[gone])
    assert not Batch.objects.exists()


def test_old_files_without_a_photo_are_deleted(photo: MakePhoto, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = photo()
    stray = default_storage.save("references/7/stray.jpg", ContentFile(b"stray"))
    uploads.delete_unused()
    assert default_storage.exists(stray)
    monkeypatch.setattr(uploads, "UNUSED_FOR", timedelta(seconds=-10))
    Reference.objects.update(created_at=timezone.now() + timedelta(hours=1))
    uploads.delete_unused()
    assert default_storage.exists(kept.file.name)
    assert not default_storage.exists(stray)
