"""Retrying what failed: all of it, or one prompt with a new wording; the credits are held again."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches import lifecycle
from batches.choices import BatchStatus, PromptStatus
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch
from billing.credits import ledger
from billing.credits.ledger import NotEnoughCredits
from tests.cast import MakeBatch, deliver_next, fail_next

FAULT = "upstream_error"
GET_CREDITS = '<a href="/account/billing/">Buy credits</a>'


@pytest.fixture
def failed(bob: User, make_batch: MakeBatch) -> Batch:
    """Bob's finished batch: one image, two failures, four credits left."""
    batch = make_batch(bob, 3)
    deliver_next(batch)
    fail_next(batch, FAULT)
    fail_next(batch, FAULT)
    return batch


def edit_url(batch: Batch, position: int = 2) -> str:
    return reverse("batches:edit_prompt", args=[batch.pk, position])


def test_a_failure_is_not_charged(failed: Batch, bob: User) -> None:
    account = ledger.account_of(bob)
    assert (account.balance, account.held) == (4, 0)


def test_the_button_puts_every_failed_prompt_back(failed: Batch, bobs: Client) -> None:
    page = bobs.post(reverse("batches:retry", args=[failed.pk]), follow=True).content.decode()
    failed.refresh_from_db()
    assert (failed.status, failed.failed_count, failed.open_count) == (BatchStatus.QUEUED, 0, 2)
    assert "We’re retrying 2 prompts." in page


@pytest.mark.parametrize(
    ("text", "complaint"), [(" \n", "The prompt is empty."), ("x" * 32_001, "The prompt has 32,001")]
)
def test_a_wording_that_cannot_be_sent_is_refused_with_the_reason(
    failed: Batch, bobs: Client, text: str, complaint: str
) -> None:
    page = bobs.post(edit_url(failed), {"text": text})
    assert complaint in page.content.decode()
    assert page.status_code == 422


def test_a_wording_counts_with_its_style(bobs: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1, style="in oil")
    fail_next(batch)
    page = bobs.post(edit_url(batch, 1), {"text": "x" * 31_993})
    assert "The prompt and its style have 32,001 characters" in page.content.decode()
    assert bobs.post(edit_url(batch, 1), {"text": "x" * 31_992}).url == batch.get_absolute_url()


@pytest.fixture
def mixed(bob: User, make_batch: MakeBatch) -> Batch:
    """Bob's finished batch: a fault and two refusals."""
    batch = make_batch(bob, 3)
    for code in (FAULT, "refused", "refused"):
        fail_next(batch, code)
    return batch


def test_the_button_leaves_out_what_needs_a_new_wording_and_says_so(mixed: Batch, bobs: Client) -> None:
    page = bobs.post(reverse("batches:retry", args=[mixed.pk]), follow=True).content.decode()
    assert "We’re retrying 1 prompt. 2 need a new wording." in page
    assert list(mixed.prompts.failed().values_list("error_code", flat=True)) == ["refused", "refused"]
    assert holds_that_do_not_add_up() == []


def test_there_is_no_button_where_each_failure_needs_a_new_wording(mixed: Batch, bobs: Client) -> None:
    def may_retry() -> bool:
        return bobs.get(reverse("batches:progress", args=[mixed.pk])).json()["may"]["retry"]

    assert may_retry()
    assert 'data-may="retry">' in bobs.get(mixed.get_absolute_url()).content.decode()
    mixed.prompts.filter(error_code=FAULT).update(error_code="refused")
    assert not may_retry()
    assert 'data-may="retry" hidden>' in bobs.get(mixed.get_absolute_url()).content.decode()


def test_the_headline_says_what_needs_a_new_wording(mixed: Batch, bobs: Client) -> None:
    assert "3 failed. 2 need a new wording." in bobs.get(mixed.get_absolute_url()).content.decode()


def test_a_late_press_of_the_button_retries_no_refusal(mixed: Batch, bob: User, bobs: Client) -> None:
    mixed.prompts.update(error_code="refused")
    page = bobs.post(reverse("batches:retry", args=[mixed.pk]), follow=True).content.decode()
    assert "We’re retrying" not in page
    assert ledger.account_of(bob).held == 0


def test_a_program_may_retry_refusals_as_well(mixed: Batch, bob: User) -> None:
    assert lifecycle.retry(mixed, bob, even_refused=True) == 3


def test_a_retry_holds_the_credits_again(failed: Batch, bob: User) -> None:
    assert lifecycle.retry(failed, bob) == 2
    assert ledger.account_of(bob).held == 2
    assert holds_that_do_not_add_up() == []


def test_a_retry_starts_with_fresh_counters(failed: Batch, bob: User) -> None:
    failed.prompts.failed().update(busy_count=9, fault_count=4, unknown_count=1)
    lifecycle.retry(failed, bob)
    prompt = failed.prompts.get(position=2)
    assert (prompt.busy_count, prompt.fault_count, prompt.unknown_count, prompt.error_code) == (0, 0, 0, "")


def test_without_credits_nothing_is_retried(failed: Batch, bob: User) -> None:
    ledger.grant_by_operator(bob, -3, "taken")
    with pytest.raises(NotEnoughCredits):
        lifecycle.retry(failed, bob)
    assert failed.prompts.failed().count() == 2
    assert Batch.objects.get().status == BatchStatus.FINISHED


def test_without_credits_the_page_says_so(failed: Batch, bob: User, bobs: Client) -> None:
    ledger.grant_by_operator(bob, -3, "taken")
    page = bobs.post(reverse("batches:retry", args=[failed.pk]), follow=True).content.decode()
    assert "needs 2 credits and you have 1 left" in page
    assert GET_CREDITS in page


def test_nothing_to_retry_changes_nothing(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    assert lifecycle.retry(batch, bob) == 0
    assert ledger.account_of(bob).held == 3


def test_failed_prompts_of_a_paused_batch_wait_with_the_rest(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    fail_next(batch, FAULT)
    batch.pause(bob)
    assert lifecycle.retry(batch, bob) == 1
    assert Batch.objects.get().status == BatchStatus.PAUSED
    assert holds_that_do_not_add_up() == []


def test_a_cancelled_batch_is_not_retried(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 2)
    fail_next(batch, FAULT)
    lifecycle.cancel(batch, bob)
    assert lifecycle.retry(batch, bob) == 0
    assert holds_that_do_not_add_up() == []


def test_a_cancelled_batch_has_no_link_to_try_again(failed: Batch, bob: User, bobs: Client) -> None:
    lifecycle.retry(failed, bob)
    fail_next(failed)
    lifecycle.cancel(failed, bob)
    page = bobs.get(failed.get_absolute_url()).content.decode()
    assert "You weren’t charged." in page
    assert "Edit and retry" not in page


def test_a_prompt_that_cannot_be_tried_again_leads_back_to_the_batch(failed: Batch, bobs: Client) -> None:
    assert bobs.get(edit_url(failed, position=1)).url == failed.get_absolute_url()


def test_the_page_of_a_failed_prompt_shows_its_wording(failed: Batch, bobs: Client) -> None:
    assert "prompt number 2" in bobs.get(edit_url(failed)).content.decode()


def test_a_new_wording_goes_back_in_the_queue(failed: Batch, bobs: Client) -> None:
    response = bobs.post(edit_url(failed), {"text": "a kinder\r\nwording"})
    prompt = failed.prompts.get(position=2)
    assert response.url == failed.get_absolute_url()
    assert (prompt.text, prompt.status) == ("a kinder wording", PromptStatus.QUEUED)


def test_a_new_wording_concerns_its_prompt_only(failed: Batch, bobs: Client, bob: User) -> None:
    bobs.post(edit_url(failed), {"text": "a kinder wording"})
    assert failed.prompts.get(position=3).status == PromptStatus.FAILED
    assert ledger.account_of(bob).held == 1


def test_a_new_wording_without_credits_keeps_the_old_one(failed: Batch, bobs: Client, bob: User) -> None:
    ledger.grant_by_operator(bob, -4, "taken")
    response = bobs.post(edit_url(failed), {"text": "a kinder wording"})
    assert response.status_code == 422
    assert GET_CREDITS in response.content.decode()
    assert failed.prompts.get(position=2).text == "prompt number 2"


def test_an_image_made_at_the_second_try_is_charged_once(failed: Batch, bob: User) -> None:
    lifecycle.retry(failed, bob)
    failed.refresh_from_db()
    deliver_next(failed)
    deliver_next(failed)
    assert Batch.objects.get().status == BatchStatus.FINISHED
    assert ledger.account_of(bob).balance == 2
