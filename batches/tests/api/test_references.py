"""What a program does with reference photos."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from PIL import Image

from accounts.models import AuditAction, AuditEntry, User
from batches.models import Batch, BatchReference, Reference
from batches.references import uploads
from tests.cast import SignedIn, png
from tests.upstream import Upstream

from .conftest import Program


def upload_with(program: Program, data: bytes, name: str = "me.png") -> Any:
    file = io.BytesIO(data)
    file.name = name
    return program("POST", "/references", encode_multipart(BOUNDARY, {"file": file}), MULTIPART_CONTENT)


@pytest.fixture
def photo(alices: Program) -> Reference:
    """Alice's photo."""
    return Reference.objects.get(pk=upload_with(alices, png(300, 400)).json()["id"])


def attach(photo: Reference, batch: Batch) -> None:
    BatchReference.objects.create(batch=batch, reference=photo, number=1)


def grow_old(photo: Reference) -> None:
    Reference.objects.filter(pk=photo.pk).update(created_at=timezone.now() - timedelta(hours=25))


def test_an_upload_answers_what_is_stored(alices: Program) -> None:
    answer = upload_with(alices, png(300, 400))
    assert answer.status_code == 201
    photo = Reference.objects.get(pk=answer.json()["id"])
    assert answer.json() == {"id": str(photo.pk), "width": 300, "height": 400, "bytes": photo.byte_count}
    with photo.file.open() as file:
        assert Image.open(file).format == "JPEG"


def test_the_name_of_the_upload_is_not_used(alices: Program, alice: User) -> None:
    upload_with(alices, png(300, 300), "../../evil.html")
    photo = Reference.objects.get()
    assert photo.file.name == f"references/{alice.pk}/{photo.pk}.jpg"


def test_a_bad_photo_is_refused_with_its_code(alices: Program, settings: Any) -> None:
    answer = upload_with(alices, b"a photo, I promise")
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [("file", "unsupported_format")]
    assert not (Path(settings.MEDIA_ROOT) / "references").exists()


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"{}", "application/json"), (b"nonsense", MULTIPART_CONTENT), (b"", MULTIPART_CONTENT)]
)
def test_a_body_without_a_file_is_refused(alices: Program, body: bytes, content_type: str) -> None:
    assert alices("POST", "/references", body, content_type).status_code in (400, 422)


def test_a_body_larger_than_a_photo_is_not_read(alices: Program) -> None:
    answer = upload_with(alices, b"\0" * 26_000_000)
    assert (answer.status_code, answer.json()["title"]) == (413, "The body is too large")


def test_photos_in_no_batch_are_limited(alices: Program, photo: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UNUSED", 1)
    assert upload_with(alices, png(300, 300)).status_code == 422


def test_photos_of_open_batches_do_not_count(
    alices: Program, photo: Reference, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_UNUSED", 1)
    attach(photo, batch)
    assert upload_with(alices, png(300, 300)).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_deleted_photo_is_gone_at_once(alices: Program, photo: Reference) -> None:
    assert alices("DELETE", f"/references/{photo.pk}").status_code == 204
    assert not default_storage.exists(photo.file.name)
    assert alices("DELETE", f"/references/{photo.pk}").status_code == 404


def test_its_owner_sees_it_and_no_cache_stores_it(signed_in: SignedIn, alice: User, photo: Reference) -> None:
    answer = signed_in(alice).get(f"/batches/references/{photo.pk}/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.getvalue()) == photo.byte_count


def test_others_do_not_see_it(signed_in: SignedIn, bob: User, photo: Reference) -> None:
    assert signed_in(bob).get(f"/batches/references/{photo.pk}/").status_code == 404
    assert Client().get(f"/batches/references/{photo.pk}/").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_photos_in_no_batch_are_deleted_after_a_day(photo: Reference) -> None:
    uploads.delete_unused()
    assert Reference.objects.exists()
    grow_old(photo)
    uploads.delete_unused()
    assert not Reference.objects.exists()
    assert not default_storage.exists(photo.file.name)


def test_a_file_deleted_during_the_cleanup_does_not_stop_it(photo: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    modified_at = default_storage.get_modified_time

    def delete_then_ask(name: str) -> datetime:
        default_storage.delete(name)
        return modified_at(name)

    monkeypatch.setattr(default_storage, "get_modified_time", delete_then_ask)
    uploads.delete_unused()
    assert Reference.objects.exists()
    assert not default_storage.exists(photo.file.name)


def test_photos_of_open_batches_stay(photo: Reference, batch: Batch) -> None:
    attach(photo, batch)
    grow_old(photo)
    uploads.delete_unused()
    assert Reference.objects.exists()


def test_a_photo_whose_file_is_lost_is_not_found(signed_in: SignedIn, alice: User, photo: Reference) -> None:
    default_storage.delete(photo.file.name)
    assert signed_in(alice).get(f"/batches/references/{photo.pk}/").status_code == 404


def test_a_photo_is_checked_before_it_is_stored(alices: Program, moderated: Upstream) -> None:
    assert upload_with(alices, png(300, 300)).status_code == 201
    assert [call["endpoint"] for call in moderated.calls()] == ["moderations"]


def test_a_flagged_photo_is_not_stored_and_operators_see_it(
    alices: Program, alice: User, moderated: Upstream, settings: Any
) -> None:
    answer = upload_with(alices, png(300, 300, "magenta"))
    assert [each["code"] for each in answer.json()["errors"]] == ["flagged"]
    assert not (Path(settings.MEDIA_ROOT) / "references").exists()
    assert AuditEntry.objects.get(action=AuditAction.PHOTO_FLAGGED, user=alice).note == "violence"


@pytest.mark.parametrize(("is_required", "status"), [(False, 201), (True, 422)])
def test_in_an_outage_photos_are_stored_unless_checks_are_required(
    alices: Program, moderated: Upstream, settings: Any, is_required: bool, status: int
) -> None:
    settings.MODERATION_REQUIRED = is_required
    moderated.set(fail_next={"kind": "500", "count": 1, "endpoint": "moderations"})
    assert upload_with(alices, png(300, 300)).status_code == status
