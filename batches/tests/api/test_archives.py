"""A whole batch as one ZIP for a program."""

import io
import zipfile

import pytest

from accounts.models import User
from batches.models import Batch
from billing.credits import ledger
from rest.downloads import PER_USER, Download
from tests.cast import deliver_next

from .conftest import MakeProgram, Program

pytestmark = pytest.mark.any_database


def test_a_batch_comes_as_one_zip(alices: Program, batch: Batch) -> None:
    deliver_next(batch)
    answer = alices("GET", f"/batches/{batch.pk}/zip")
    data = b"".join(answer)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert len(data) == int(answer["Content-Length"])
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["1 prompt number 1.png", "manifest.csv"]


def test_a_batch_without_images_has_no_zip(alices: Program, batch: Batch) -> None:
    assert alices("GET", f"/batches/{batch.pk}/zip").status_code == 404


def test_one_zip_more_than_a_user_may_have_at_a_time_is_refused(alices: Program, batch: Batch, alice: User) -> None:
    deliver_next(batch)
    running = [Download(alice.pk, [b""], {}) for _ in range(PER_USER)]
    answer = alices("GET", f"/batches/{batch.pk}/zip")
    assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    assert answer.json()["type"].endswith("#too_many_requests")
    del running[0]
    assert b"".join(alices("GET", f"/batches/{batch.pk}/zip"))


def test_a_strangers_batch_has_no_zip(program: MakeProgram, charlie: User, batch: Batch) -> None:
    deliver_next(batch)
    ledger.grant_by_operator(charlie, 10, "paid")
    assert program(charlie)("GET", f"/batches/{batch.pk}/zip").status_code == 404
