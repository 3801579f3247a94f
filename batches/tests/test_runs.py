"""One image a call of `advance`, whatever upstream answers; each outcome booked once."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from celery.worker import state
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import User
from batches import lifecycle, tasks
from batches.choices import BatchStatus, PromptStatus
from batches.models import Batch, Prompt
from batches.runs import leases, outcomes, sweep, turns
from billing.credits import ledger
from lib.timed_cache import TimedCache
from tests.cast import MakeBatch, run, statuses
from tests.counting import count_queries
from tests.threads import at_once
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]


def test_each_prompt_becomes_a_picture_and_the_batch_finishes(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["a cat", "a dog", "a fox"]))
    assert batch.status == BatchStatus.FINISHED
    assert statuses(batch) == [("ready", "")] * 3


def test_one_call_makes_one_image(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    assert turns.advance(batch.pk) == 0
    assert statuses(batch) == [("ready", ""), ("waiting", "")]


def test_in_one_turn_a_fast_upstream_makes_them_all(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat", "a dog", "a fox"])
    assert turns.take_turn(batch.pk, must_stop=lambda: False) is None
    assert statuses(batch) == [("ready", "")] * 3


@pytest.fixture
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a turn's time be over at once, and what waits be asked each time."""
    monkeypatch.setattr(turns, "TURN_SECONDS", 0)
    monkeypatch.setattr(leases, "does_any_wait", TimedCache(leases.any_batch_waits, seconds=-1))


@pytest.mark.usefixtures("_short_turns")
def test_after_its_time_a_turn_goes_on_while_nobody_waits(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    assert turns.take_turn(batch.pk, must_stop=lambda: False) is None
    assert statuses(batch) == [("ready", "")] * 2


@pytest.mark.usefixtures("_short_turns")
def test_a_turn_ends_however_few_wait(
    alice: User, make_batch: MakeBatch, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_TURN_SECONDS", 0)
    batch = make_batch(alice, ["a cat", "a dog"])
    assert turns.take_turn(batch.pk, must_stop=lambda: False) == 0


@pytest.mark.usefixtures("_short_turns")
def test_after_its_time_a_turn_ends_when_another_batch_waits(
    alice: User, bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    make_batch(bob)
    batch = make_batch(alice, ["a cat", "a dog"])
    assert turns.take_turn(batch.pk, must_stop=lambda: False) == 0
    assert statuses(batch) == [("ready", ""), ("waiting", "")]


@pytest.mark.usefixtures("_short_turns")
def test_a_batch_between_two_images_does_not_wait(
    alice: User, bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    between = make_batch(bob, ["a cow", "a hen"])
    turns.advance(between.pk)
    assert statuses(between) == [("ready", ""), ("waiting", "")]
    assert turns.take_turn(make_batch(alice, ["a cat", "a dog"]).pk, must_stop=lambda: False) is None


@pytest.mark.usefixtures("_short_turns")
def test_a_batch_that_nobody_has_gone_on_with_for_seconds_waits(
    alice: User, bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    left = make_batch(bob, ["a cow", "a hen"])
    turns.advance(left.pk)
    Batch.objects.filter(pk=left.pk).update(enqueued_at=timezone.now() - leases.COUNTS_AS_WAITING_AFTER)
    assert turns.take_turn(make_batch(alice, ["a cat", "a dog"]).pk, must_stop=lambda: False) == 0


def test_a_turn_ends_with_the_worker(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    assert turns.take_turn(batch.pk, must_stop=lambda: True) == 0
    assert statuses(batch) == [("ready", ""), ("waiting", "")]


def test_a_message_that_comes_while_the_worker_ends_is_left_to_another(
    alice: User, make_batch: MakeBatch, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    run(batch, limit=1)
    assert sweep.find_stalled() == []
    monkeypatch.setattr(state, "should_stop", 0)
    tasks.advance(str(batch.pk))
    assert statuses(batch) == [("ready", ""), ("waiting", "")]
    assert sweep.find_stalled() == [batch.pk]


@pytest.mark.mariadb
@pytest.mark.skipif(connection.vendor != "mysql", reason="about connections to a server")
def test_a_connection_that_the_server_has_ended_costs_its_thread_one_turn(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        mine = cursor.fetchone()[0]
    at_once([lambda: connection.cursor().execute(f"KILL {mine}")])
    with pytest.raises(OperationalError):
        turns.take_turn(batch.pk, must_stop=lambda: False)
    assert turns.take_turn(batch.pk, must_stop=lambda: False) is None
    assert statuses(batch) == [("ready", "")]


@pytest.mark.usefixtures("_short_turns")
def test_a_turn_leaves_no_connection_to_a_server_open(
    alice: User, bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    make_batch(bob)
    turns.take_turn(make_batch(alice, ["a cat", "a dog"]).pk, must_stop=lambda: False)
    assert connection.connection is None or connection.vendor == "sqlite"


def test_a_ready_image_is_stored_and_charged_once(bob: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    prompt = run(make_batch(bob, ["a cat"])).prompts.get()
    assert default_storage.size(prompt.image) == prompt.byte_count
    assert prompt.charge.amount == -prompt.credits
    assert ledger.account_of(bob).balance == 4


def test_a_refusal_fails_that_prompt_only_and_costs_nothing(
    bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(bob, ["a cat", "[refuse] a dog", "a fox"]))
    assert statuses(batch) == [("ready", ""), ("failed", "refused"), ("ready", "")]
    assert ledger.account_of(bob).balance == 3


def test_a_refusal_is_not_tried_again(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    prompt = run(make_batch(alice, ["[refuse] a dog"])).prompts.get()
    assert prompt.attempt_count == 1


@pytest.mark.parametrize(("word", "reason"), [("[money]", "upstream_money"), ("[key]", "upstream_key")])
def test_a_refused_key_or_an_exhausted_quota_puts_the_batch_on_hold(
    alice: User, make_batch: MakeBatch, upstream: Upstream, word: str, reason: str
) -> None:
    batch = run(make_batch(alice, [f"{word} a cat"]))
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, reason)
    assert statuses(batch) == [("waiting", "")]


def test_an_operator_ends_the_hold(alice: User, olga: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = run(make_batch(alice, ["[money] a cat"]))
    assert not batch.resume(alice)
    assert batch.resume(olga)
    assert batch.status == BatchStatus.QUEUED


@pytest.mark.parametrize("word", ["[text]", "[huge]"])
def test_what_is_not_a_usable_image_fails_the_prompt(
    alice: User, make_batch: MakeBatch, upstream: Upstream, word: str
) -> None:
    batch = run(make_batch(alice, [f"{word} a cat"]))
    assert batch.prompts.get().status == PromptStatus.FAILED


def test_an_answer_without_a_picture_can_be_asked_about_upstream(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["[text] a cat"]))
    assert batch.prompts.get().request_id == upstream.calls()[-1]["request_id"]


def test_answers_that_have_stalled_do_not_hold_up_the_others(
    alice: User, make_batch: MakeBatch, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT_FOR_PLACE_SECONDS", 0.01)
    with ExitStack() as stalled:
        for _ in range(12):
            stalled.enter_context(turns.limited_readers())
        assert statuses(run(make_batch(alice, ["a cat", "a dog"]))) == [("ready", "")] * 2


def test_a_batch_that_somebody_has_is_left_alone(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat"])
    assert leases.claim(batch.pk)
    assert turns.advance(batch.pk) is None


def abandon(batch: Batch) -> outcomes.Turn:
    """Leave the batch as a worker killed in the middle of a call does."""
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
    turn.begin(Prompt.next_up(batch.pk))
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return turn


def test_a_prompt_left_by_a_dead_worker_is_made_by_the_next(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat"])
    abandon(batch)
    assert statuses(run(batch)) == [("ready", "")]
    assert batch.prompts.get().unknown_count == 1


def test_a_worker_that_lost_its_lease_books_nothing(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat"])
    late = abandon(batch)
    run(batch)
    with pytest.raises(leases.LeaseLost):
        late.fail(batch.prompts.get(), "refused")
    assert statuses(batch) == [("ready", "")]


def test_an_image_in_flight_when_its_batch_is_cancelled_is_dropped_if_the_worker_dies(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    abandon(batch)
    batch.refresh_from_db()
    lifecycle.cancel(batch, alice)
    assert sweep.find_stalled() == [batch.pk]
    run(batch)
    assert statuses(batch) == [("cancelled", ""), ("cancelled", "")]


def test_an_image_in_flight_when_its_batch_is_cancelled_still_arrives(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
    prompt = Prompt.next_up(batch.pk)
    turn.begin(prompt)
    lifecycle.cancel(Batch.objects.get(pk=batch.pk), alice)
    turns.make_image(turn, prompt)
    assert statuses(batch) == [("ready", ""), ("cancelled", "")]


def test_an_image_in_flight_when_its_batch_is_deleted_is_not_charged(
    bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(bob, ["a cat"])
    turn = outcomes.Turn(batch.pk, leases.claim(batch.pk))
    prompt = Prompt.next_up(batch.pk)
    turn.begin(prompt)
    lifecycle.delete(Batch.objects.get(pk=batch.pk), bob)
    turns.make_image(turn, prompt)
    assert ledger.account_of(bob).left == 5


def deactivate(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def test_nothing_is_made_for_somebody_who_is_shut_out(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    turns.advance(batch.pk)
    deactivate(alice)
    assert turns.advance(batch.pk) is None
    assert len(upstream.calls()) == 1
    assert batch.events.get(to_status=BatchStatus.PAUSED).reason == "account_inactive"


def test_who_is_let_in_again_can_let_the_batch_go_on(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat"])
    deactivate(alice)
    assert run(batch).status == BatchStatus.PAUSED
    alice.is_active = True
    alice.save(update_fields=["is_active"])
    assert batch.resume(alice)
    assert statuses(run(batch)) == [("ready", "")]


def test_whether_the_customer_is_shut_out_is_read_with_the_prompt(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat"])
    leases.claim(batch.pk)
    assert count_queries(lambda: Prompt.next_up(batch.pk).batch.user.is_active) == 1


def test_upstream_gets_the_style_and_a_hash_of_the_customer(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    run(make_batch(alice, ["a cat"], style="watercolour"))
    call = upstream.calls()[-1]
    assert call["prompt"] == "a cat, watercolour"
    assert len(call["safety_identifier"]) == 64
    assert alice.email not in str(call)


def test_the_sweep_enqueues_a_new_batch_once(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a cat"])
    Batch.objects.update(enqueued_at=None)
    assert sweep.find_stalled() == [batch.pk]
    assert sweep.find_stalled() == []


def test_the_sweep_ends_a_wait_whose_hour_has_come(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, ["a cat"])
    batch.wait("upstream_money", resume_at=timezone.now() - timedelta(seconds=1))
    sweep.find_stalled()
    batch.refresh_from_db()
    assert batch.status == BatchStatus.QUEUED
