"""The ZIP with everything that is stored about a customer."""

import io
import json
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from batches.models import Batch, Prompt
from billing import plans
from billing.models import MembershipEvent
from privacy import deletion
from privacy.export.archive import chunks
from privacy.export.tables import tables_of
from privacy.tests.test_deletion import rows_of
from rest.downloads import PER_USER, Download
from tests.cast import MakeBatch, SignedIn, png

pytestmark = pytest.mark.django_db
URL = reverse("privacy:export")
#: What a customer's rows hold that is no data about the customer: secrets, and which emails were sent.
LEFT_OUT = {"batches.webhookaccount", "billing.sentemail"}


def unpacked(user: User) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(chunks(user))))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return rows


def test_it_has_what_belongs_to_the_customer(full_account: User) -> None:
    archive = unpacked(full_account)
    assert archive.testzip() is None
    assert table(archive, "account")[0]["email"] == "alice@example.org"
    assert "a secret garden" in {row["text"] for row in table(archive, "prompts")}
    assert [row["name"] for row in table(archive, "api_keys")] == ["Alice’s key"]
    assert table(archive, "presets")[0]["prompts"] == "a fox"
    assert table(archive, "writing_help")[0]["count"] == 3


def test_each_table_with_rows_of_the_customer_is_in_it(full_account: User) -> None:
    exported = {each.rows.model._meta.label_lower for each in tables_of(full_account)}
    assert rows_of(full_account) - exported == LEFT_OUT & rows_of(full_account)


def test_it_has_the_images_and_photos_that_the_server_has(full_account: User) -> None:
    archive = unpacked(full_account)
    prompt = Prompt.objects.exclude(image="").get()
    assert archive.read(f"images/{prompt.batch_id}/{prompt.file_name}") == png()
    assert archive.read(f"reference_photos/{full_account.references.get().pk}.jpg") == png()


def test_what_an_operator_did_is_in_it_without_the_operator(alice: User, olga: User, give_plan: Any) -> None:
    for actor in (alice, olga):
        origin = {"ip": "192.0.2.1", "user_agent": f"{actor.name}’s browser"}
        AuditEntry.objects.create(user=alice, actor=actor, action=AuditAction.SESSION_ENDED, **origin)
    give_plan(alice, plans.STARTER)
    MembershipEvent.objects.update(actor=olga, reason="a difficult customer")
    archive = unpacked(alice)
    assert [row["user_agent"] for row in table(archive, "activity")] == ["Alice’s browser"]
    assert table(archive, "activity_of_operators")[0]["action"] == AuditAction.SESSION_ENDED
    assert table(archive, "plan_history") == []
    assert table(archive, "plan_history_of_operators")[0]["plan_key"] == "starter"
    text = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Olga" not in text
    assert "difficult" not in text


def test_it_explains_each_of_its_files(full_account: User) -> None:
    archive = unpacked(full_account)
    readme = archive.read("README.txt").decode()
    names = [name.removesuffix(".json").split("/")[0] for name in archive.namelist()]
    assert [name for name in names if name not in readme and name != "README.txt"] == []


def test_it_has_nothing_of_others_and_no_secret(full_account: User, bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob, ["what only bob knows"])
    archive = unpacked(full_account)
    text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json")).decode()
    assert "what only bob knows" not in text
    assert "whsec_" not in text
    assert full_account.api_keys.get().secret_sha256 not in text


def test_a_file_that_is_deleted_meanwhile_is_left_out(full_account: User) -> None:
    default_storage.delete(Prompt.objects.exclude(image="").get().image)
    archive = unpacked(full_account)
    assert archive.testzip() is None
    assert not [name for name in archive.namelist() if name.startswith("images/")]


def test_many_rows_do_not_fill_the_memory(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 1)
    model, text = batch.image_model, "x" * 5_000
    prompts = (
        Prompt(
            batch=batch, position=n, text=text, file_name=f"{n}.png", image_model=model, quality="low", format="png",
            ratio="1:1", credits=1, status="failed",
        )
        for n in range(2, 4_002)
    )  # fmt: skip
    Prompt.objects.bulk_create(prompts, batch_size=500)
    export = chunks(alice)
    tracemalloc.start()
    size = sum(map(len, export))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 20 MB of text, read in pieces of half a megabyte.
    assert peak < 10_000_000
    assert size > 10_000


def test_it_counts_as_one_of_the_downloads_that_a_user_has_at_a_time(just_signed_in: SignedIn, alice: User) -> None:
    running = [Download(alice.pk, [b""], {}) for _ in range(PER_USER)]
    client = just_signed_in(alice)
    assert client.get(URL).status_code == 429
    del running[0]
    assert client.get(URL).getvalue()


def test_the_owner_gets_it_as_a_file_and_an_email_about_it(
    just_signed_in: SignedIn, alice: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = just_signed_in(alice).get(URL)
    assert "was downloaded" in mailoutbox[0].body
    assert answer["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None
    assert AuditEntry.objects.of(alice).filter(action=AuditAction.DATA_EXPORTED).exists()


def test_who_signed_in_long_ago_has_to_prove_who_it_is(signed_in: SignedIn, alice: User) -> None:
    assert "reauthenticate" in signed_in(alice).get(URL).url


def test_the_export_is_limited(just_signed_in: SignedIn, alice: User) -> None:
    client: Client = just_signed_in(alice)
    answers = [client.get(URL) for _ in range(3)]
    assert answers[-1].status_code == 429


def test_it_can_be_had_while_the_deletion_is_pending(just_signed_in: SignedIn, alice: User) -> None:
    deletion.request(alice, alice)
    alice.refresh_from_db()
    assert just_signed_in(alice).get(URL)["Content-Type"] == "application/zip"


def test_deleted_batches_are_not_in_it(full_account: User) -> None:
    Batch.objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert table(unpacked(full_account), "prompts") == []
