"""Edits of images: the page, what is stored, and how they end."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.choices import PromptStatus
from batches.delivery import storage
from batches.editing import edits
from batches.models import Batch, Edit, ImageModel, WebhookDelivery, WebhookEndpoint
from batches.review import verdicts, versions
from batches.tests.test_edit_inputs import alpha_of, mask
from billing.credits import ledger
from tests.cast import MakeBatch, deliver_next, fail_next, png

pytestmark = pytest.mark.django_db
FORM = {"text": "make the sky pink", "area": "whole", "price": "gpt-image-2.5-flare/low"}


@pytest.fixture(autouse=True)
def _edits_are_offered(image_model: ImageModel) -> None:
    ImageModel.objects.filter(pk=image_model.pk).update(reference_credits=1)


@pytest.fixture
def finished(alice: User, make_batch: MakeBatch) -> Batch:
    batch = make_batch(alice, ["a cat"], style="in oil")
    deliver_next(batch, png(256, 256))
    return batch


def send(browser: Client, batch: Batch, position: int = 1, **changes: Any) -> Any:
    form = FORM | {"submission_key": uuid.uuid4()} | changes
    return browser.post(f"/batches/{batch.pk}/images/{position}/edit/", form)


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def test_an_edit_is_a_version_with_the_instruction_alone(alices: Client, finished: Batch) -> None:
    assert send(alices, finished).url == f"/batches/{finished.pk}/"
    version = finished.prompts.get(position=2)
    assert (version.origin.position, version.version, version.file_name) == (1, 2, "a cat_v2.png")
    assert (version.full_text, version.status) == ("make the sky pink", PromptStatus.QUEUED)
    assert stored(version.edit.base) == png(256, 256)
    assert version.edit.mask == ""


def test_a_webhook_says_that_it_is_an_edit(alices: Client, alice: User, finished: Batch) -> None:
    WebhookEndpoint.objects.create(user=alice, url="https://alice.example.org/", on_image_ready=True)
    send(alices, finished)
    deliver_next(finished)
    image = json.loads(WebhookDelivery.objects.get(event="image.ready").body)["data"]["image"]
    assert (image["origin"], image["is_edit"]) == (1, True)


def test_an_edit_costs_the_quality_and_reading_the_image(alices: Client, alice: User, finished: Batch) -> None:
    left = ledger.account_of(alice).left
    send(alices, finished, price="gpt-image-2.5-flare/medium")
    assert left - ledger.account_of(alice).left == 3
    deliver_next(finished)
    assert left - ledger.account_of(alice).left == 3
    call_command("check_ledger", verbosity=0)


def test_the_page_shows_the_cost_of_each_quality(alices: Client, finished: Batch) -> None:
    page = alices.get(f"/batches/{finished.pk}/images/1/edit/").content.decode()
    assert "Low · 2 credits" in page
    assert "Medium · 3 credits" in page


def test_a_painted_mask_is_stored_with_the_edit(alices: Client, finished: Batch) -> None:
    painted = SimpleUploadedFile("mask.png", mask((256, 256)))
    send(alices, finished, area="painted", mask=painted)
    assert alpha_of(stored(Edit.objects.get().mask)).getpixel((10, 10)) == 0


def test_four_numbers_become_the_mask(alices: Client, finished: Batch) -> None:
    send(alices, finished, area="rectangle", left=100, top=0, width=56, height=256)
    assert alpha_of(stored(Edit.objects.get().mask)).getpixel((120, 10)) == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Enter an instruction."),
        ({"area": "painted"}, "Paint the area to change."),
        ({"area": "rectangle", "left": 1}, "Enter the four numbers"),
        ({"area": "rectangle", "left": 200, "top": 0, "width": 100, "height": 9}, "must be inside the image"),
        ({"price": "gpt-image-2.5-flare/absurd"}, "can’t edit images"),
        ({"area": "painted", "mask": SimpleUploadedFile("m.png", mask((64, 64)))}, "64 × 64 pixels, but the image has"),
        ({"image": SimpleUploadedFile("a.png", b"<svg/>")}, "not a JPEG, PNG, WebP or HEIC"),
    ],
)
def test_a_bad_form_is_shown_again_with_the_reason(
    alices: Client, finished: Batch, fields: dict[str, Any], words: str
) -> None:
    answer = send(alices, finished, **fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert finished.prompts.count() == 1


def test_a_form_that_is_sent_twice_makes_one_version(alices: Client, finished: Batch) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        assert send(alices, finished, submission_key=key).status_code == 302
    assert finished.prompts.count() == 2
    assert len(default_storage.listdir(storage.folder_of(finished.pk))[1]) == 2


def test_a_form_that_is_changed_after_going_back_makes_another_version(alices: Client, finished: Batch) -> None:
    key = uuid.uuid4()
    for text in ("make the sky pink", "make the sky green"):
        send(alices, finished, submission_key=key, text=text)
    assert [prompt.text for prompt in finished.prompts.all()] == ["a cat", "make the sky pink", "make the sky green"]


def test_without_credits_nothing_is_stored(alices: Client, alice: User, finished: Batch) -> None:
    ledger.grant_by_operator(alice, -ledger.account_of(alice).left, "none left")
    answer = send(alices, finished)
    assert answer.status_code == 422
    assert "credits" in answer.content.decode()
    assert finished.prompts.count() == 1
    assert len(default_storage.listdir(storage.folder_of(finished.pk))[1]) == 1


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"reference_credits": None}, {"retires_on": timezone.localdate()}]
)
def test_a_model_that_takes_no_edits_is_not_used(alices: Client, finished: Batch, change: dict[str, Any]) -> None:
    ImageModel.objects.filter(code="gpt-image-2.5-flare").update(**change)
    page = alices.get(f"/batches/{finished.pk}/images/1/edit/").content.decode()
    assert "Flare, which created this image, can’t edit it. Select another model." in page
    assert send(alices, finished).status_code == 422


def test_an_image_that_only_a_browser_has_can_be_sent(alices: Client, finished: Batch) -> None:
    storage.expire(finished.prompts.get())
    page = alices.get(f"/batches/{finished.pk}/images/1/edit/").content.decode()
    assert "stored only in the browser that downloaded it" in page
    assert send(alices, finished).status_code == 422
    assert send(alices, finished, image=SimpleUploadedFile("cat.png", png(256, 256))).status_code == 302


def test_a_cancelled_batch_has_no_edits(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    deliver_next(batch, png(256, 256))
    lifecycle.cancel(batch, alice)
    assert alices.get(f"/batches/{batch.pk}/images/1/edit/").status_code == 302
    assert send(alices, batch).status_code == 422


def test_a_script_gets_no_redirect(alices: Client, finished: Batch) -> None:
    answer = alices.post(f"/batches/{finished.pk}/images/1/edit/", FORM, headers={"Accept": "application/json"})
    assert answer.status_code == 204


@pytest.fixture
def edited(alices: Client, finished: Batch) -> Batch:
    send(alices, finished, area="painted", mask=SimpleUploadedFile("mask.png", mask((256, 256))))
    finished.refresh_from_db()
    return finished


def test_the_files_of_a_ready_edit_are_deleted(edited: Batch) -> None:
    edits.delete_unneeded()
    files = [edited.prompts.get(position=2).edit.base, edited.prompts.get(position=2).edit.mask]
    assert all(map(default_storage.exists, files))
    deliver_next(edited)
    edits.delete_unneeded()
    assert not any(map(default_storage.exists, files))
    edit = Edit.objects.get()
    assert (edit.base, edit.mask) == ("", "")


def test_a_failed_edit_can_be_retried_for_a_day(alice: User, edited: Batch) -> None:
    fail_next(edited, "upstream_error")
    edits.delete_unneeded()
    assert Edit.objects.get().base
    # It may have waited for days.
    Edit.objects.update(created_at=timezone.now() - timedelta(hours=25))
    edits.delete_unneeded()
    assert Edit.objects.get().base
    edited.prompts.filter(position=2).update(started_at=timezone.now() - timedelta(hours=25))
    edits.delete_unneeded()
    assert not Edit.objects.get().base


def test_a_failed_edit_can_be_retried_for_a_day_after_all_images_are_gone(
    edited: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.expire(edited.prompts.get(position=1))
    fail_next(edited, "upstream_error")
    monkeypatch.setattr(storage, "_REQUESTS_ARE_OVER", timedelta(0))
    storage.delete_unused()
    assert all(map(default_storage.exists, [Edit.objects.get().base, Edit.objects.get().mask]))
    edited.prompts.filter(position=2).update(started_at=timezone.now() - timedelta(hours=25))
    edits.delete_unneeded()
    storage.delete_unused()
    assert not default_storage.exists(storage.folder_of(edited.pk))


def test_a_flagged_edit_can_be_retried_for_a_day(edited: Batch) -> None:
    edited.prompts.get(position=2).flag(1, ["violence"])
    edits.delete_unneeded()
    assert Edit.objects.get().base
    Edit.objects.update(created_at=timezone.now() - timedelta(hours=25))
    edits.delete_unneeded()
    assert not Edit.objects.get().base


def test_a_deleted_batch_takes_the_files_with_it(alice: User, edited: Batch) -> None:
    lifecycle.delete(edited, alice)
    assert not default_storage.exists(Edit.objects.get().base)


def test_the_files_of_an_edit_that_is_being_submitted_are_not_deleted(finished: Batch) -> None:
    storage.expire(finished.prompts.get())
    name = default_storage.save(f"{storage.folder_of(finished.pk)}/edit-1-base.png", SimpleUploadedFile("a", b"1"))
    storage.delete_unused()
    assert default_storage.exists(name)


def test_an_edit_is_made_again_from_its_image(alices: Client, edited: Batch) -> None:
    deliver_next(edited)
    answer = alices.get(f"/batches/{edited.pk}/images/2/again/")
    assert answer.url == f"/batches/{edited.pk}/images/1/edit/?like=2"
    assert "make the sky pink" in alices.get(answer.url).content.decode()


@pytest.mark.parametrize("position", ["x", "99999999999999999999", "1"])
def test_another_position_gives_no_instruction(alices: Client, edited: Batch, position: str) -> None:
    page = alices.get(f"/batches/{edited.pk}/images/1/edit/?like={position}")
    assert "make the sky pink</textarea>" not in page.content.decode()


def test_for_a_rejected_edit_the_image_itself_is_made_again(alice: User, edited: Batch) -> None:
    deliver_next(edited)
    verdicts.record(edited, {1: "reject", 2: "reject"})
    assert versions.rejected(edited) == [1]
    assert versions.make_again(edited, [2], alice) == []


def test_an_edit_without_its_image_is_done_anew(alices: Client, alice: User, edited: Batch) -> None:
    failed = fail_next(edited, "base_gone")
    assert lifecycle.retry(edited, alice) == 0
    answer = alices.get(f"/batches/{edited.pk}/prompts/{failed.position}/")
    assert answer.url == f"/batches/{edited.pk}/images/1/edit/?like=2"
