"""The browser's confirmation: the hash of what it stored, believed only when it is right."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.models import Batch
from tests.cast import MakeBatch, deliver_next


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's batch: two images ready, one prompt waiting."""
    made = make_batch(alice)
    for _ in range(2):
        deliver_next(made)
    return made


def confirm(client: Client, batch: Batch, body: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(reverse("batches:confirm", args=[batch.pk]), data, content_type="application/json")


def images(batch: Batch, *positions: int, **changes: Any) -> dict[str, Any]:
    hashes = dict(batch.prompts.values_list("position", "sha256"))
    return {"images": [{"position": n, "sha256": hashes[n], **changes} for n in positions]}


def confirmed(batch: Batch) -> list[int]:
    return list(batch.prompts.exclude(confirmed_at=None).values_list("position", flat=True).order_by("position"))


def test_the_right_hash_is_believed(alices: Client, batch: Batch) -> None:
    assert confirm(alices, batch, images(batch, 1)).json()["confirmed"] == [1]
    assert confirmed(batch) == [1]


def test_another_hash_is_not_believed(alices: Client, batch: Batch) -> None:
    assert confirm(alices, batch, images(batch, 1, sha256="0" * 64)).json()["confirmed"] == []
    assert confirmed(batch) == []


def test_one_wrong_hash_does_not_spoil_the_others(alices: Client, batch: Batch) -> None:
    body = {"images": [*images(batch, 1)["images"], *images(batch, 2, sha256="0" * 64)["images"]]}
    assert confirm(alices, batch, body).json()["confirmed"] == [1]


def test_confirming_twice_is_harmless(alices: Client, batch: Batch) -> None:
    confirm(alices, batch, images(batch, 1))
    first = batch.prompts.get(position=1).confirmed_at
    assert confirm(alices, batch, images(batch, 1)).json()["confirmed"] == [1]
    assert batch.prompts.get(position=1).confirmed_at == first


def test_what_is_not_ready_cannot_be_confirmed(alices: Client, batch: Batch) -> None:
    body = {"images": [{"position": 3, "sha256": "0" * 64}]}
    assert confirm(alices, batch, body).json()["confirmed"] == []


def test_positions_of_no_prompt_are_left_out(alices: Client, batch: Batch) -> None:
    body = {"images": [{"position": 2**31 - 1, "sha256": "0" * 64}, *images(batch, 2)["images"]]}
    assert confirm(alices, batch, body).json()["confirmed"] == [2]


MALFORMED = (
    b"", b"\xff\xfe", b"{", b"[" * 100_000, b"null", b"[]", b"1", b'"images"', b'{"images": 1}', b'{"images": {}}',
    b'{"images": "abc"}', b'{"images": [1]}', b'{"images": [{}]}', b'{"images": [{"position": 1}]}',
    b'{"images": [{"position": "1", "sha256": "' + b"0" * 64 + b'"}]}',
    b'{"images": [{"position": 1.5, "sha256": "' + b"0" * 64 + b'"}]}',
    b'{"images": [{"position": 0, "sha256": "' + b"0" * 64 + b'"}]}',
    b'{"images": [{"position": 9223372036854775808, "sha256": "' + b"0" * 64 + b'"}]}',
    b'{"images": [{"position": ' + b"9" * 5000 + b', "sha256": "x"}]}',
    b'{"images": [{"position": 1, "sha256": null}]}', b'{"images": [{"position": 1, "sha256": "short"}]}',
)  # fmt: skip


def test_a_malformed_body_is_refused_with_the_right_form(alices: Client, batch: Batch) -> None:
    answers = {body: confirm(alices, batch, body) for body in MALFORMED}
    found = {body: (answer.status_code, "sha256" in answer.json()["message"]) for body, answer in answers.items()}
    assert found == dict.fromkeys(MALFORMED, (400, True))
    assert confirmed(batch) == []


def test_no_image_at_all_is_no_fault(alices: Client, batch: Batch) -> None:
    assert confirm(alices, batch, {"images": []}).json()["confirmed"] == []
