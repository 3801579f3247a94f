"""Videos from their first call to their charge, and everything that can happen in between."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import requests
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone
from PIL import Image

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus
from batches.clients import http, replicate
from batches.clients.openai_errors import Unknown
from batches.models import Batch, ImageModel, Prompt, Reference
from batches.predictions.frames import data_url
from batches.predictions.tests.conftest import MakeVideos, advance, only, run, started
from batches.references import uploads
from batches.runs import leases, outcomes, sweep, turns
from billing.credits import ledger
from lib.standard_webhooks import signed_headers
from tests.cast import MakeBatch
from tests.processes import wait_for
from tests.upstream import Upstream

pytestmark = pytest.mark.django_db(transaction=True)


def cut_off(*arguments: Any, **named: Any) -> None:
    """Stand for a worker that is killed at this place."""
    raise KeyboardInterrupt


def let_lease_end(batch: Batch) -> None:
    """Let the time pass in which a dead worker's batch is left alone."""
    Batch.objects.filter(pk=batch.pk).update(lease_until=F("lease_until") - timedelta(hours=1))


def die_in(batch: Batch) -> None:
    """Advance the batch with a worker that dies."""
    with pytest.raises(KeyboardInterrupt):
        advance(batch)
    let_lease_end(batch)


def test_a_video_is_made_stored_and_charged_by_the_second(make_videos: MakeVideos, alice: User) -> None:
    prompt = only(run(make_videos()))
    with default_storage.open(prompt.image) as file:
        assert file.read()[4:8] == b"ftyp"
    assert (prompt.status, prompt.credits, prompt.width, prompt.height) == ("ready", 64, 320, 180)
    assert -prompt.charge.amount == 64
    assert prompt.upstream_cost_cents == 40


def test_an_image_of_replicate_is_finished_like_any_other(
    make_videos: MakeVideos, video_model: ImageModel, alice: User
) -> None:
    inputs = {"input": {"prompt": "$prompt", "aspect_ratio": "$ratio", "output_format": "$format"}}
    nano = ImageModel.objects.create(code="google/nano-banana-2", label="Nano", provider="replicate", inputs=inputs)
    nano.qualities.create(quality="low", credits=8, upstream_cost_cents=5)
    batch = run(make_videos(model=nano, format="jpg", ratio="1:1", seconds=None))
    with default_storage.open(only(batch).image) as file:
        assert file.read().startswith(b"\xff\xd8\xff")
    assert only(batch).credits == 8


def photo_of(user: User, side: int = 400) -> Reference:
    file = BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(file, "JPEG", quality=95)
    return uploads.store(user, ContentFile(file.getvalue(), "photo.jpg"))


def test_a_photo_is_the_first_frame(make_videos: MakeVideos, alice: User) -> None:
    batch = make_videos(references=[photo_of(alice)])
    assert only(batch).credits == 64
    advance(batch)
    sent = replicate.look(only(batch).job_id).input["image"]
    assert base64.b64decode(sent.removeprefix("data:image/jpeg;base64,")).startswith(b"\xff\xd8\xff")
    assert only(run(batch)).status == PromptStatus.READY


def test_a_photo_that_was_deleted_fails_the_prompt(make_videos: MakeVideos, alice: User, upstream: Upstream) -> None:
    batch = make_videos(references=[photo_of(alice)])
    Reference.objects.all().discard()
    assert only(run(batch)).error_code == "reference_gone"
    assert started(upstream) == 0


def test_a_large_photo_is_compressed_to_what_replicate_takes(alice: User) -> None:
    with photo_of(alice, 2000).file.open() as file:
        photo = file.read()
    assert len(photo) > 256_000 >= len(data_url(photo))


def test_between_two_looks_no_worker_has_the_batch(make_videos: MakeVideos, upstream: Upstream) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos()
    assert advance(batch) == 2
    assert turns.advance(batch.pk) is None
    assert only(batch).status == PromptStatus.GENERATING
    assert advance(batch) == 2


def test_an_old_prediction_is_looked_at_every_ten_seconds(make_videos: MakeVideos, upstream: Upstream) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos()
    advance(batch)
    Prompt.objects.update(started_at=F("started_at") - timedelta(seconds=20))
    assert advance(batch) == 10


def test_the_prompts_of_a_batch_are_made_one_after_the_other(make_videos: MakeVideos, upstream: Upstream) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos("a fox", "a cat")
    for _ in range(4):
        advance(batch)
    assert started(upstream) == 1


def test_a_waiting_video_counts_as_in_flight_for_the_plan(
    make_videos: MakeVideos, make_batch: MakeBatch, alice: User, upstream: Upstream
) -> None:
    upstream.set(delay_seconds=60)
    advance(make_videos())
    other = make_batch(alice, 1)
    leases.claim(other.pk)
    assert Prompt.next_up(other.pk).leased_count == 2


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("failed", "upstream_error"),
        ("nsfw", "refused"),
        ("aborted", "upstream_busy"),
        ("private", "upstream_error"),
        ("redirect", "upstream_error"),
        ("gone", "upstream_error"),
        ("mb 300", "too_large"),
        ("textfile", "not_a_video"),
        ("bad input", "bad_input"),
    ],
)
def test_a_video_that_cannot_be_had_fails_uncharged(
    make_videos: MakeVideos, upstream: Upstream, word: str, code: str
) -> None:
    inputs = {"bad input": {"ratio": "1:1"}}.get(word, {})
    prompt = only(run(make_videos(f"a fox [{word}]", **inputs)))
    assert (prompt.status, prompt.error_code, prompt.charge) == ("failed", code, None)
    assert started(upstream) == 1


def test_h265_is_delivered_as_it_is(make_videos: MakeVideos) -> None:
    assert only(run(make_videos("a fox [h265]"))).status == "ready"


def test_a_large_video_is_stored(make_videos: MakeVideos) -> None:
    assert only(run(make_videos("a fox [mb 40]"))).byte_count == 40 * 1024 * 1024


def test_an_output_that_breaks_off_is_fetched_again(make_videos: MakeVideos, upstream: Upstream) -> None:
    batch = make_videos("a fox [halffile]")
    assert [advance(batch) for _ in range(3)] == [2, 10, 10]
    assert started(upstream) == 1


@pytest.mark.parametrize(("word", "calls"), [("drop", 1), ("500", 2)])
def test_a_call_without_an_answer_is_made_again_only_if_it_started_nothing(
    make_videos: MakeVideos, upstream: Upstream, word: str, calls: int
) -> None:
    batch = make_videos(f"a fox [{word} once]")
    for _ in range(6):
        advance(batch)
    assert (only(batch).status, started(upstream)) == ("ready", calls)


def test_a_busy_upstream_is_waited_for(make_videos: MakeVideos, upstream: Upstream) -> None:
    batch = run(make_videos("a fox [429 1 twice]", "a fox [503 1 once]"), limit=40)
    assert set(batch.prompts.values_list("status", flat=True)) <= {"ready", "waiting"}


def test_our_token_refused_puts_the_batch_on_hold(make_videos: MakeVideos) -> None:
    batch = run(make_videos("a fox [key]"))
    assert (batch.status, batch.waiting_reason, only(batch).status) == ("waiting", "upstream_key", "waiting")


def test_a_cancelled_batch_cancels_its_prediction(make_videos: MakeVideos, alice: User, upstream: Upstream) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos()
    advance(batch)
    lifecycle.cancel(batch, alice)
    run(batch)
    assert only(batch).status == PromptStatus.CANCELLED
    assert replicate.look(only(batch).job_id).status == "canceled"
    assert ledger.account_of(alice).held == 0


def test_a_video_that_is_ready_when_its_batch_is_cancelled_is_delivered(make_videos: MakeVideos, alice: User) -> None:
    batch = make_videos()
    advance(batch)
    lifecycle.cancel(batch, alice)
    assert only(run(batch)).status == PromptStatus.READY


def test_one_that_never_ends_is_cancelled_after_a_while(make_videos: MakeVideos, upstream: Upstream) -> None:
    batch = make_videos("a fox [never]")
    advance(batch)
    Prompt.objects.update(started_at=F("started_at") - timedelta(minutes=26))
    prompt = only(run(batch))
    assert (prompt.status, prompt.error_code) == ("failed", "too_slow")
    assert replicate.look(prompt.job_id).status == "canceled"


def test_an_upstream_that_is_gone_for_good_ends_the_wait(
    make_videos: MakeVideos, upstream: Upstream, settings: Any
) -> None:
    batch = make_videos()
    advance(batch)
    settings.REPLICATE_BASE_URL = "http://127.0.0.1:9/v1"
    assert advance(batch) == 10
    Prompt.objects.update(started_at=F("started_at") - timedelta(minutes=51))
    run(batch)
    assert (only(batch).status, only(batch).error_code) == ("failed", "unknown_outcome")


@pytest.mark.parametrize("document", [b'{"results": null}', b'{"results": ["?"]}', b"{}", b"[]"])
def test_a_list_of_another_shape_is_no_answer(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, document: bytes
) -> None:
    monkeypatch.setattr(http, "read_body", lambda *_: document)
    with pytest.raises(Unknown):
        list(replicate.newest(timezone.now()))


def test_a_retry_starts_a_new_prediction(make_videos: MakeVideos, alice: User, upstream: Upstream) -> None:
    batch = run(make_videos("a fox [failed]"))
    first = only(batch).job_id
    lifecycle.retry(batch, alice)
    run(batch)
    assert only(batch).job_id != first
    assert started(upstream) == 2


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (replicate, "start"),
        (outcomes.Turn, "record_job"),
        (outcomes.files, "store"),
        (outcomes.ledger, "capture"),
        (outcomes.Turn, "leave"),
        (replicate, "look"),
        (replicate, "download"),
    ],
)
def test_a_worker_killed_at_any_place_costs_no_second_video(
    make_videos: MakeVideos, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    batch = make_videos("a fox [slow 0.5]" if name == "leave" else "a fox")
    with monkeypatch.context() as patched:
        patched.setattr(where, name, cut_off)
        if name not in ("start", "record_job"):
            assert advance(batch) == 2
        die_in(batch)
    wait_for(lambda: run(batch).status == BatchStatus.FINISHED)
    assert (only(batch).status, started(upstream)) == ("ready", 1)


def test_two_prompts_with_the_same_words_find_a_prediction_each(
    make_videos: MakeVideos, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [make_videos("a fox"), make_videos("a fox")]
    with monkeypatch.context() as patched:
        patched.setattr(outcomes.Turn, "record_job", cut_off)
        for batch in batches:
            die_in(batch)
    assert [only(run(batch)).status for batch in batches] == ["ready", "ready"]
    assert started(upstream) == 2
    assert len({only(batch).job_id for batch in batches}) == 2


def test_two_photos_with_the_same_words_find_their_own_prediction(
    make_videos: MakeVideos, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [photo_of(alice), photo_of(alice)]
    batches = [make_videos(references=[photo]) for photo in photos]
    frames = []
    for photo in photos:
        with photo.file.open() as file:
            frames.append(data_url(file.read()))
    with monkeypatch.context() as patched:
        patched.setattr(outcomes.Turn, "record_job", cut_off)
        for batch in batches:
            die_in(batch)
    for batch in batches:
        advance(batch)
    assert [replicate.look(only(batch).job_id).input["image"] for batch in batches] == frames


def test_a_photo_that_comes_back_as_an_address_is_compared_too(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = "black-forest-labs/flux-2-pro"
    shown = replicate.look(replicate.start(model, {"prompt": "a fox"}, "").id)
    photo = requests.get(shown.output_url, timeout=60).content
    prediction = replace(shown, input={"image": shown.output_url})
    monkeypatch.setattr(replicate, "newest", lambda since: iter([prediction]))
    sent = [{"image": f"data:image/png;base64,{base64.b64encode(data).decode()}"} for data in (photo, photo[:-1])]
    assert [list(replicate.find(model, inputs, timezone.now())) for inputs in sent] == [[prediction], []]


def test_the_sweep_finds_a_prediction_whose_message_was_lost(make_videos: MakeVideos) -> None:
    batch = make_videos()
    advance(batch)
    Batch.objects.update(enqueued_at=F("enqueued_at") - timedelta(minutes=1))
    let_lease_end(batch)
    assert sweep.find_stalled() == [batch.pk]


def test_the_webhook_lets_a_worker_look_at_once(make_videos: MakeVideos, upstream: Upstream, client: Any) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos()
    advance(batch)
    assert turns.advance(batch.pk) is None
    hook = signed_webhook(upstream, only(batch).job_id)
    for _ in range(2):
        assert client.post("/replicate/webhook/", **hook).status_code == 204
    assert turns.advance(batch.pk) == 2


def signed_webhook(upstream: Upstream, prediction_id: str, minutes_ago: int = 0) -> dict[str, Any]:
    key = requests.get(
        f"{upstream.url}/v1/webhooks/default/secret", headers={"Authorization": "Bearer r8_x"}, timeout=60
    ).json()["key"]
    body = json.dumps({"id": prediction_id, "status": "succeeded", "output": "https://example.org/forged.mp4"})
    headers = signed_headers("msg_1", body, [key], timezone.now() - timedelta(minutes=minutes_ago))
    return {"data": body, "content_type": "application/json", "headers": headers}


def test_a_forged_webhook_changes_nothing(make_videos: MakeVideos, upstream: Upstream, client: Any) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos()
    advance(batch)
    hook = signed_webhook(upstream, only(batch).job_id)
    hook["headers"]["webhook-signature"] = "v1,Zm9yZ2Vk"
    assert client.post("/replicate/webhook/", **hook).status_code == 400
    assert turns.advance(batch.pk) is None


def test_an_old_webhook_that_is_sent_again_changes_nothing(
    make_videos: MakeVideos, upstream: Upstream, client: Any
) -> None:
    upstream.set(delay_seconds=60)
    batch = make_videos()
    advance(batch)
    hook = signed_webhook(upstream, only(batch).job_id, minutes_ago=6)
    assert client.post("/replicate/webhook/", **hook).status_code == 400
    assert turns.advance(batch.pk) is None


def test_a_webhook_of_a_video_that_is_ready_changes_nothing(
    make_videos: MakeVideos, upstream: Upstream, client: Any
) -> None:
    batch = run(make_videos())
    before = Prompt.objects.values().get()
    hook = signed_webhook(upstream, only(batch).job_id)
    assert client.post("/replicate/webhook/", **hook).status_code == 400
    assert Prompt.objects.values().get() == before


def test_a_huge_webhook_is_not_read(client: Any) -> None:
    body = '{"id": "' + "x" * 1_000_000 + '"}'
    assert client.post("/replicate/webhook/", data=body, content_type="application/json").status_code == 413


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": "unknown"}', "[" * 100_000])
def test_a_webhook_about_nothing_is_refused(client: Any, body: str) -> None:
    answer = client.post("/replicate/webhook/", data=body, content_type="application/json")
    assert answer.status_code == 400
