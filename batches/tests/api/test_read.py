"""Reading batches, the offer and the account: the contract's fields exactly, and nobody else's rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from batches import lifecycle
from batches.api import schemas
from batches.delivery import storage
from batches.models import Batch, ImageModel
from billing.credits import ledger
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.counting import count_queries

from .conftest import MakeProgram, Program


def test_a_batch_shows_its_progress(alices: Program, batch: Batch) -> None:
    deliver_next(batch)
    fail_next(batch)
    data = alices("GET", f"/batches/{batch.pk}").json()
    counts = {name: data[name] for name in ("status", "total", "ready", "failed", "waiting")}
    assert counts == {"status": "running", "total": 3, "ready": 1, "failed": 1, "waiting": 1}
    assert set(data) - set(counts) == {"id", "title", "created_at", "finished_at", "images"}


def test_a_batch_matches_the_described_schema(alices: Program, batch: Batch) -> None:
    deliver_next(batch)
    fail_next(batch)
    data = alices("GET", f"/batches/{batch.pk}").json()
    assert schemas.Batch.model_validate(data).model_dump(mode="json").keys() == data.keys()
    assert [set(image) for image in data["images"]] == [set(schemas.Image.model_fields)] * 3


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_long_batch_is_read_and_sent_in_pieces(
    count: int, alices: Program, alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batches.models.prompt.ROWS_AT_ONCE", 2)
    batch = make_batch(alice, count)
    assert [len(piece) for piece in batch.prompts.in_pieces()] == [2] * (count // 2) + [1] * (count % 2)
    answer = alices("GET", f"/batches/{batch.pk}")
    assert answer.streaming
    assert [image["position"] for image in answer.json()["images"]] == list(range(1, count + 1))


def test_a_ready_image_has_the_url_of_its_bytes(alices: Program, batch: Batch) -> None:
    prompt = deliver_next(batch)
    (image, *_) = alices("GET", f"/batches/{batch.pk}").json()["images"]
    assert image == {
        "position": 1, "kind": "image", "origin": None, "is_edit": False, "version": 1, "verdict": "", "references": 0,
        "prompt": "prompt number 1", "name": "1 prompt number 1.png", "status": "ready", "error": None,
        "credits": 1, "width": 64, "height": 64, "seconds": None,
        "bytes": prompt.byte_count, "sha256": prompt.sha256,
        "url": f"http://testserver/api/v1/batches/{batch.pk}/images/1",
    }  # fmt: skip


def test_a_failed_image_says_why_and_costs_nothing(alices: Program, batch: Batch) -> None:
    fail_next(batch)
    (image, *_) = alices("GET", f"/batches/{batch.pk}").json()["images"]
    assert image["error"]["code"] == "refused"
    assert image["error"]["message"].startswith("The AI service rejected this prompt")
    assert (image["credits"], image["url"]) == (0, None)


def test_who_has_the_newest_answer_is_sent_nothing(alices: Program, batch: Batch) -> None:
    etag = alices("GET", f"/batches/{batch.pk}").headers["ETag"]
    again = alices("GET", f"/batches/{batch.pk}", If_None_Match=etag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert int(again.headers["RateLimit-Remaining"]) > 0
    assert again.headers["Content-Security-Policy"].startswith("default-src 'none'")


def fail_all(batch: Batch) -> None:
    while batch.prompts.filter(status="waiting").exists():
        fail_next(batch)


def test_every_change_is_visible_at_once(alices: Program, alice: User, batch: Batch) -> None:
    steps: list[Callable[[], object]] = [
        lambda: deliver_next(batch),
        lambda: fail_all(batch),
        lambda: lifecycle.edit(batch, 2, "a better wording", alice),
        lambda: lifecycle.retry(batch, alice),
        lambda: batch.pause(alice),
        lambda: storage.expire(batch.prompts.select_related("batch").get(position=1)),
        lambda: lifecycle.cancel(batch, alice),
    ]
    etag = alices("GET", f"/batches/{batch.pk}").headers["ETag"]
    for step in steps:
        batch.refresh_from_db()
        assert step() is not False
        answer = alices("GET", f"/batches/{batch.pk}", If_None_Match=etag)
        etag = answer.headers["ETag"]
        data = [(image["prompt"], image["status"], image["credits"]) for image in answer.json()["images"]]
        rows = batch.prompts.order_by("position").values_list("text", "status", "charge")
        assert data == [(text, status, 1 if charge else 0) for text, status, charge in rows]


def test_answers_are_in_english_whatever_is_asked_for(alices: Program, batch: Batch) -> None:
    fail_next(batch)
    data = alices("GET", f"/batches/{batch.pk}", Accept_Language="es").json()
    assert data["images"][0]["error"]["message"].startswith("The AI service")


def test_batches_are_listed_newest_first_page_by_page(alices: Program, alice: User, make_batch: MakeBatch) -> None:
    made = [make_batch(alice, 1) for _ in range(3)]
    data = alices("GET", "/batches?page=2&page_size=2").json()
    assert [item["id"] for item in data["items"]] == [str(made[0].pk)]
    assert (data["count"], data["page"], data["pages"]) == (3, 2, 2)


def test_a_page_that_does_not_exist(alices: Program) -> None:
    absent, impossible = ["page=2", f"page={10**30}"], ["page=0", "page=-1", "page=x", "page=%00"]
    expected = dict.fromkeys(absent, 404) | dict.fromkeys([*impossible, "page_size=0", "page_size=101"], 422)
    assert {query: alices("GET", f"/batches?{query}").status_code for query in expected} == expected


def test_batches_are_listed_by_state(alices: Program, alice: User, make_batch: MakeBatch) -> None:
    paused, _ = make_batch(alice, 1), make_batch(alice, 1)
    paused.pause(alice)
    data = alices("GET", "/batches?status=paused").json()
    assert [item["id"] for item in data["items"]] == [str(paused.pk)]
    assert alices("GET", "/batches?status=asleep").status_code == 422


def test_nobody_sees_the_batches_of_another(
    program: MakeProgram, charlie: User, make_batch: MakeBatch, bob: User
) -> None:
    make_batch(bob)

    ledger.grant_by_operator(charlie, 10, "paid")
    assert program(charlie)("GET", "/batches").json()["items"] == []


@pytest.mark.parametrize("path", ["/batches/{}", "/batches"])
def test_fifty_images_take_as_many_queries_as_one(
    alices: Program, alice: User, make_batch: MakeBatch, path: str
) -> None:
    batches = [make_batch(alice, count) for count in (1, 50)]
    alices("GET", "/account")
    ask: Callable[[Batch], Any] = lambda batch: lambda: alices("GET", path.format(batch.pk))  # noqa: E731
    assert len({count_queries(ask(batch)) for batch in batches}) == 1


def test_the_models_are_those_on_offer(alices: Program) -> None:
    first = alices("GET", "/models").json()["models"][0]
    assert first["code"] == "gpt-image-2.5-flare"
    assert first["qualities"][0] == {"quality": "low", "credits": 1}


@pytest.mark.parametrize(("days", "is_told"), [(None, True), (1, True), (0, False), (-1, False)])
def test_a_model_is_on_offer_until_the_day_before_it_retires(
    alices: Program, image_model: ImageModel, days: int | None, is_told: bool
) -> None:
    image_model.retires_on = None if days is None else timezone.localdate() + timedelta(days=days)
    image_model.save()
    data = alices("GET", "/models").json()["models"]
    assert (image_model.code in [model["code"] for model in data]) == is_told


def test_the_account_has_plan_credits_and_todays_images(alices: Program, batch: Batch) -> None:
    deliver_next(batch)
    assert alices("GET", "/account").json() == {
        "email": "alice@example.org", "plan": "pay_as_you_go", "credits_left": 5002,
        "today": {"used": 1, "limit": 1000},
    }  # fmt: skip


def test_the_usage_lists_each_day(alices: Program, batch: Batch) -> None:
    deliver_next(batch)
    data = alices("GET", "/usage?days=7").json()
    assert len(data["days"]) == 7
    assert set(data["days"][-1]) == {"date", "requests", "images", "credits"}
    assert (data["totals"]["images"], data["totals"]["credits"]) == (1, 1)


def test_the_usage_of_one_key_is_its_own(program: MakeProgram, alice: User, image_model: Any) -> None:
    first, second = program(alice), program(alice)
    second("GET", "/account")
    ids = ApiKey.objects.order_by("pk").values_list("public_id", flat=True)
    requests = [first("GET", f"/usage?days=1&key={each}").json()["totals"]["requests"] for each in ids]
    assert requests[1] == 1
    assert requests[0] >= 1


@pytest.mark.parametrize("key", ["nothing", "%00", "x" * 500])
def test_the_usage_of_no_key_of_ones_own_is_404(alices: Program, bob: User, key: str) -> None:
    others, _ = api_keys.create(bob, "a program")
    assert alices("GET", f"/usage?key={others.public_id}").status_code == 404
    assert alices("GET", f"/usage?key={key}").status_code == 404
