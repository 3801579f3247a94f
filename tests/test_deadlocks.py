"""Two transactions that need the same rows lock them in the same order, so that one waits and none is rolled back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from batches import lifecycle
from batches.emails import due
from batches.models import Batch
from batches.references import attaching, uploads
from billing.credits import ledger
from operations.customers import suspension
from tests.cast import MakeBatch, fail_next, png
from tests.threads import at_once, wait_for_another_to_wait

Act = Callable[[], object]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.mariadb,
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite runs one transaction after the other"),
]


def side_by_side(lock: Act, further: Act, other: Act) -> list[object]:
    """Let one transaction `lock` something and, once the `other` one waits for it, go on with `further` work."""
    is_locked = Event()

    def first() -> None:
        with transaction.atomic():
            lock()
            is_locked.set()
            wait_for_another_to_wait()
            further()

    def second() -> None:
        assert is_locked.wait(30)
        other()

    return [result for result in at_once([first, second]) if result is not None]


def test_an_email_about_a_batch_that_is_retried_right_now(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    fail_next(batch, "upstream_error")
    Batch.objects.update(end_mail_at=timezone.now() - timedelta(minutes=1))
    assert side_by_side(batch.lock, partial(lifecycle.retry, batch, bob), due.send_due) == []


def test_a_suspension_of_a_customer_who_pauses_right_now(alice: User, olga: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    suspend = partial(suspension.suspend, alice, actor=olga, reason="spam")
    assert side_by_side(batch.lock, partial(batch.pause, alice), suspend) == []


def test_a_list_with_a_photo_of_a_batch_that_is_cancelled_right_now(alice: User, make_batch: MakeBatch) -> None:
    photo = uploads.store(alice, ContentFile(png(768, 1024), "me.png"))
    batch = make_batch(alice, references=[photo])
    submit = partial(attaching.lock, {photo.pk})
    cancel = partial(lifecycle.cancel, batch, alice)
    assert side_by_side(partial(ledger.locked_account_of, alice), submit, cancel) == []
