"""Throwing a batch away: hidden at once, its files deleted, its open credits back; the ledger stays."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.delivery import storage
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.credits.statement import statement
from tests.cast import MakeBatch, begin, deliver_next


def test_the_button_returns_to_a_list_without_it(bobs: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    response = bobs.post(reverse("batches:delete", args=[batch.pk]), follow=True)
    assert list(response.context["page"]) == []
    assert "Batch deleted." in response.content.decode()


def test_files_go_at_once(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    prompt = deliver_next(batch)
    lifecycle.delete(batch, bob)
    assert not default_storage.exists(prompt.image)


def test_open_credits_come_back_and_made_images_stay_charged(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    deliver_next(batch)
    lifecycle.delete(batch, bob)
    account = ledger.account_of(bob)
    assert (account.balance, account.held) == (4, 0)


def test_the_statement_forgets_the_words_but_not_the_charge(bob: User, make_batch: MakeBatch) -> None:
    thrown_away, kept = make_batch(bob, 1), make_batch(bob, 1)
    for batch in (thrown_away, kept):
        deliver_next(batch)
    lifecycle.delete(thrown_away, bob)
    kept_line, forgotten_line, _ = statement(bob).lines
    assert (forgotten_line.words, forgotten_line.amount) == ("Images from a deleted batch", -1)
    assert kept_line.batch_id == str(kept.pk)


def test_the_rows_are_purged_and_the_books_stay_right(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    deliver_next(batch)
    lifecycle.delete(batch, bob)
    Batch.objects.update(deleted_at=timezone.now() - timedelta(hours=1))
    storage.expire_images()
    assert not Batch.objects.exists()
    assert unbalanced_accounts() + holds_that_do_not_add_up() == []


def test_the_rows_stay_while_a_request_may_have_the_batch(bob: User, make_batch: MakeBatch) -> None:
    lifecycle.delete(make_batch(bob), bob)
    storage.expire_images()
    assert Batch.objects.exists()


def test_the_rows_stay_while_a_worker_has_the_batch(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    begin(batch)
    batch.refresh_from_db()
    lifecycle.delete(batch, bob)
    Batch.objects.update(deleted_at=timezone.now() - timedelta(hours=1))
    storage.expire_images()
    assert Batch.objects.exists()


def test_a_finished_batch_can_be_deleted(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    deliver_next(batch)
    lifecycle.delete(batch, bob)
    assert not Batch.objects.owned_by(bob).exists()


def test_a_dry_run_purges_nothing(bob: User, make_batch: MakeBatch) -> None:
    lifecycle.delete(make_batch(bob), bob)
    storage.expire_images(dry_run=True)
    assert Batch.objects.exists()
