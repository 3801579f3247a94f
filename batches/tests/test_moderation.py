"""Prompts are checked by the moderations API before they are sent."""

import logging
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, WaitReason
from batches.clients import openai_moderation
from batches.clients.openai_errors import Refused, Unknown
from batches.models import Batch, Prompt
from batches.runs import moderation, outages, turns
from billing.credits import ledger
from tests.cast import MakeBatch, SignedIn, run, statuses
from tests.clock import Clock
from tests.counting import count_queries
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_are_right")]

OUTAGE = {"kind": "500", "count": 1_000, "endpoint": "moderations"}


@pytest.fixture(autouse=True)
def moderated(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch moderation on, without a past."""
    settings.OPENAI_MODERATION_MODEL = "omni-moderation-latest"
    monkeypatch.setattr(moderation, "outage", outages.Outage())


def marks(batch: Batch) -> list[str]:
    return list(batch.prompts.order_by("position").values_list("moderation", flat=True))


def endpoints(upstream: Upstream) -> list[str]:
    return [call["endpoint"] for call in upstream.calls()]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which checks fail. Only the test moves it."""
    clock = Clock()
    monkeypatch.setattr(outages, "time", clock)
    return clock


def let_checks_fail(batch: Batch, upstream: Upstream, clock: Clock, *, seconds: int) -> None:
    """Let every check fail for so long, and the worker try it every ten seconds."""
    upstream.set(fail_next=OUTAGE)
    for _ in range(0, seconds, 10):
        Batch.objects.filter(pk=batch.pk).update(not_before=None)
        assert turns.advance(batch.pk) == 5
        clock.seconds += 10


def test_the_first_twenty_are_checked_in_one_call_before_the_first_image(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, [f"fox {number}" for number in range(25)])
    run(batch, limit=2)
    assert endpoints(upstream) == ["moderations", "images/generations"]
    assert marks(batch) == ["passed"] * 20 + [""] * 5


def test_a_flagged_prompt_is_neither_sent_nor_charged(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    before = ledger.account_of(alice).balance
    batch = run(make_batch(alice, ["a cat", "a dog [flag]", "a fox"]))
    assert statuses(batch) == [("ready", ""), ("failed", "flagged"), ("ready", "")]
    assert (batch.status, batch.failed_count) == (BatchStatus.FINISHED, 1)
    assert batch.prompts.get(position=2).error_detail == "violence"
    assert "a dog [flag]" not in [call["prompt"] for call in upstream.calls()]
    assert ledger.account_of(alice).balance == before - 2


def test_a_batch_of_flagged_prompts_finishes(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = run(make_batch(alice, ["nude", "gore"]))
    assert (batch.status, batch.failed_count) == (BatchStatus.FINISHED, 2)
    assert endpoints(upstream) == ["moderations"]


def test_the_style_is_checked_too(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = run(make_batch(alice, ["a cat"], style="gore"))
    assert statuses(batch) == [("failed", "flagged")]


def test_an_edited_prompt_is_checked_again(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = run(make_batch(alice, ["gore"]))
    assert lifecycle.edit(batch, 1, "nude", alice) == 1
    assert statuses(run(batch)) == [("failed", "flagged")]
    lifecycle.edit(batch, 1, "a cat", alice)
    assert statuses(run(batch)) == [("ready", "")]


def test_trying_all_again_leaves_flagged_prompts_out(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = run(make_batch(alice, ["gore"]))
    assert lifecycle.retry(batch, alice) == 0


def test_a_prompt_edited_during_the_check_is_not_passed(alice: User, make_batch: MakeBatch, upstream: Upstream) -> None:
    batch = make_batch(alice, ["a cat", "a dog"])
    prompts = moderation.next_unchecked(batch.pk)
    Prompt.objects.filter(pk=prompts[0].pk).update(text="gore")
    moderation.check(batch.pk, prompts)
    assert marks(batch) == ["", "passed"]


def test_a_batch_cancelled_during_the_check_stays_as_it_is(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a cat", "gore"])
    prompts = moderation.next_unchecked(batch.pk)
    lifecycle.cancel(batch, alice)
    moderation.check(batch.pk, prompts)
    assert statuses(batch) == [("cancelled", "")] * 2


def test_a_checked_prompt_costs_no_further_query(
    alice: User, make_batch: MakeBatch, upstream: Upstream, settings: Any
) -> None:
    batch = make_batch(alice, ["a cat", "a dog", "a fox", "a hen"])
    run(batch, limit=2)
    switched_on = count_queries(lambda: turns.advance(batch.pk))
    settings.OPENAI_MODERATION_MODEL = ""
    assert switched_on == count_queries(lambda: turns.advance(batch.pk))


# The periodic job


def test_the_job_checks_each_batch_under_way_in_list_order(
    alice: User, bob: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    long = make_batch(alice, [f"fox {number}" for number in range(40)])
    short, paused = make_batch(bob, ["a cat", "gore"]), make_batch(alice)
    paused.pause(alice)
    moderation.check_ahead()
    assert (marks(long), len(upstream.calls())) == (["passed"] * 32 + [""] * 8, 2)
    assert statuses(short) == [("waiting", ""), ("failed", "flagged")]
    moderation.check_ahead()
    moderation.check_ahead()
    assert (marks(long), len(upstream.calls())) == (["passed"] * 40, 3)


def test_a_long_prompt_is_checked_by_itself(alice: User, make_batch: MakeBatch, settings: Any) -> None:
    settings.OPENAI_MODERATION_TOKENS_PER_MINUTE = 10_000
    batch = make_batch(alice, ["fox " * 5_000, "a cat", "a dog"])
    assert [prompt.position for prompt in moderation.next_unchecked(batch.pk)] == [1]


@pytest.mark.usefixtures("new_minute")
def test_half_of_the_minute_is_for_workers(
    alice: User, make_batch: MakeBatch, upstream: Upstream, settings: Any
) -> None:
    settings.OPENAI_MODERATION_TOKENS_PER_MINUTE = 200
    batch = make_batch(alice, ["a fox " * 30] * 8)
    for _ in range(8):
        moderation.check_ahead()
    assert marks(batch).count("passed") == 1
    assert turns.advance(batch.pk) == 0  # made
    assert turns.advance(batch.pk) == 0  # checked
    assert marks(batch).count("passed") == 2


def test_a_prompt_that_cannot_be_checked_yet_is_not_overtaken(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    upstream.set(fail_next=OUTAGE)
    batch = make_batch(alice, ["a cat", "a dog"])
    batch.prompts.filter(position=2).update(moderation="passed")
    assert turns.advance(batch.pk) == 5
    batch.refresh_from_db()
    assert (batch.not_before is not None, batch.lease_until) == (True, None)
    assert endpoints(upstream) == ["moderations"]


# Outages


def test_after_a_minute_without_answers_prompts_are_sent_unchecked(
    alice: User, make_batch: MakeBatch, upstream: Upstream, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    batch = make_batch(alice, ["a private cat", "a dog"])
    let_checks_fail(batch, upstream, clock, seconds=60)
    run(batch)
    assert (statuses(batch), marks(batch)) == ([("ready", "")] * 2, ["skipped"] * 2)
    assert "2 prompts are sent without a moderation check" in caplog.text
    assert "private" not in caplog.text


def test_an_outage_begins_anew_after_an_answer(
    alice: User, make_batch: MakeBatch, upstream: Upstream, clock: Clock
) -> None:
    batch = make_batch(alice)
    let_checks_fail(batch, upstream, clock, seconds=50)
    upstream.set(fail_next=None)
    run(batch)
    clock.seconds += 10
    let_checks_fail(make_batch(alice), upstream, clock, seconds=50)


def test_an_outage_begins_anew_after_a_minute_without_failures(
    alice: User, make_batch: MakeBatch, upstream: Upstream, clock: Clock
) -> None:
    batch = make_batch(alice)
    let_checks_fail(batch, upstream, clock, seconds=10)
    clock.seconds += 60
    let_checks_fail(batch, upstream, clock, seconds=50)


def test_where_checks_are_required_the_batch_goes_on_hold(
    alice: User, make_batch: MakeBatch, upstream: Upstream, clock: Clock, settings: Any
) -> None:
    settings.MODERATION_REQUIRED = True
    batch = make_batch(alice)
    let_checks_fail(batch, upstream, clock, seconds=60)
    run(batch)
    assert (batch.status, batch.waiting_reason) == (BatchStatus.ON_HOLD, WaitReason.UPSTREAM_DOWN)
    assert (batch.setback_count, batch.lease_until) == (1, None)
    upstream.set(fail_next=None)
    batch.end_wait()
    assert run(batch).status == BatchStatus.FINISHED


def test_the_job_survives_an_outage(
    alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(texts: list[str]) -> None:
        raise Unknown("no_answer", "a private fox")

    monkeypatch.setattr(openai_moderation, "flagged_categories", fail)
    make_batch(alice)
    moderation.check_ahead()
    moderation.check_ahead()
    assert caplog.text.count("no moderation: no_answer") == 2
    assert "private" not in caplog.text


# Prompts that the API does not check


@pytest.fixture
def refusing_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the API refuse calls with a text of many tokens, as OpenAI's does."""

    def flagged_categories(texts: list[str]) -> list[tuple[str, ...]]:
        if any("long" in text for text in texts):
            raise Refused("bad_input", "too many tokens")
        return [()] * len(texts)

    monkeypatch.setattr(openai_moderation, "flagged_categories", flagged_categories)


@pytest.mark.usefixtures("refusing_long")
def test_a_prompt_that_cannot_be_checked_is_sent_unchecked_at_once(
    alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["a cat", "a long fox", "a dog"]))
    assert (statuses(batch), marks(batch)) == ([("ready", "")] * 3, ["passed", "skipped", "passed"])


@pytest.mark.usefixtures("refusing_long")
def test_a_prompt_that_cannot_be_checked_puts_its_batch_on_hold_where_checks_are_required(
    alice: User, make_batch: MakeBatch, upstream: Upstream, settings: Any
) -> None:
    settings.MODERATION_REQUIRED = True
    batch = run(make_batch(alice, ["a cat", "a long fox"]))
    assert (batch.status, statuses(batch)) == (BatchStatus.ON_HOLD, [("ready", ""), ("waiting", "")])


@pytest.mark.usefixtures("refusing_long")
def test_a_prompt_that_cannot_be_checked_does_not_delay_other_batches(
    alice: User, bob: User, make_batch: MakeBatch
) -> None:
    make_batch(alice, ["a long fox"])
    other = make_batch(bob, ["a cat"])
    moderation.check_ahead()
    assert marks(other) == ["passed"]


# Operators and customers


def test_operators_see_what_was_flagged_newest_first(
    alice: User, olga: User, make_batch: MakeBatch, upstream: Upstream, just_signed_in: SignedIn
) -> None:
    run(make_batch(alice, ["older gore", "a cat"]))
    run(make_batch(alice, ["newer nude"]))
    page = just_signed_in(olga).get("/admin/batches/prompt/", {"error_code": "needs_new_wording"}).content.decode()
    assert page.index("newer nude") < page.index("older gore")
    assert "sexual" in page
    assert "a cat" not in page


def test_the_page_asks_for_another_wording(
    alice: User, alices: Client, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = run(make_batch(alice, ["gore"]))
    page = alices.get(f"{batch.get_absolute_url()}").content.decode()
    assert "Our safety check flagged this prompt" in page
