"""The bytes of one image: exactly what was stored, for as long as the server has it."""

import pytest
from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.delivery import storage
from batches.lists.tables import MANIFEST_COLUMNS
from batches.models import Batch, Prompt
from tests.cast import MakeBatch, deliver_next, png

pytestmark = pytest.mark.any_database


def fetch(client: Client, prompt: Prompt, query: str = "", **headers: str) -> HttpResponseBase:
    url = reverse("batches:image", args=[prompt.batch_id, prompt.position])
    return client.get(url + query, headers=headers)


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)


def test_the_bytes_are_what_upstream_made(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    data = png(colour="salmon")
    response = fetch(alices, deliver_next(make_batch(alice), data))
    assert body(response) == data
    assert response.headers["Content-Type"] == "image/png"
    assert int(response.headers["Content-Length"]) == len(data)


def test_nobody_on_the_way_may_keep_it(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    response = fetch(alices, deliver_next(make_batch(alice)))
    assert "private" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    body(response)


def test_a_browser_that_has_it_gets_304(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    prompt = deliver_next(make_batch(alice))
    assert fetch(alices, prompt, **{"If-None-Match": f'"{prompt.sha256}"'}).status_code == 304


def test_a_download_has_the_chosen_name(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    response = fetch(alices, deliver_next(make_batch(alice, ["a cat"], names=["niño 🦊"])), "?download=1")
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "filename*=utf-8''ni%C3%B1o%20%F0%9F%A6%8A.png" in disposition
    body(response)


def test_an_image_that_is_not_made_yet_is_gone(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    prompt = make_batch(alice).prompts.get(position=1)
    assert fetch(alices, prompt).status_code == 410


def test_an_expired_image_is_gone_with_a_message(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    prompt = deliver_next(make_batch(alice))
    storage.expire(prompt)
    response = fetch(alices, prompt)
    assert response.status_code == 410
    assert "This file is no longer on the server" in response.content.decode()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_file_that_is_missing_on_the_disk_is_no_fault(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    prompt = deliver_next(make_batch(alice))
    default_storage.delete(prompt.image)
    assert fetch(alices, prompt).status_code == 410


def test_the_manifest_lists_every_prompt(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    batch: Batch = make_batch(alice, ["a cat", "=HYPERLINK(1)"])
    deliver_next(batch)
    response = alices.get(reverse("batches:manifest", args=[batch.pk]))
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(MANIFEST_COLUMNS)
    assert lines[1] == "1,a cat,,1 a cat.png,ready,,gpt-image-2.5-flare,low,1:1,64,64,1,,png,1,,"
    assert lines[2].startswith("2,'=HYPERLINK(1),,")


def test_the_manifest_has_semicolons_where_spreadsheets_expect_them(
    alices: Client, alice: User, make_batch: MakeBatch
) -> None:
    url = reverse("batches:manifest", args=[make_batch(alice).pk])
    content = alices.get(url, headers={"Accept-Language": "es"}).getvalue()
    assert content.startswith(b"\xef\xbb\xbfposition;prompt;")
