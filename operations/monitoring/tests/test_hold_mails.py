"""Operators are emailed when batches go on hold for them, and when none is on hold any more."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch
from operations.models import Alarm
from operations.monitoring import alarms
from tests.cast import MakeBatch

Mails = list[EmailMessage]


@pytest.fixture
def held(alice: User, make_batch: MakeBatch) -> Batch:
    """A batch of Alice that waits because OpenAI wants payment."""
    batch = make_batch(alice)
    batch.wait(WaitReason.UPSTREAM_MONEY, "insufficient_quota")
    return batch


def check_after(minutes: float) -> None:
    """Check now, and once more when the present state has lasted that long."""
    for wait in (minutes, 0):
        cache.delete(alarms._KEY)
        alarms.check()
        for alarm in Alarm.objects.filter(kind__in=WaitReason):
            alarm.since -= timedelta(minutes=wait)
            alarm.save()


def test_each_operator_who_may_act_on_batches_is_emailed(held: Batch, olga: User, mailoutbox: Mails) -> None:
    User.objects.create_user("helper@example.org", is_staff=True)
    User.objects.create_user("former@example.org", is_staff=True, is_superuser=True, is_active=False)
    check_after(3)
    (mail,) = [mail for mail in mailoutbox if "on hold" in mail.subject]
    assert mail.to == [olga.email]
    assert mail.subject.endswith("Batches are on hold: Our account with the AI service needs attention.")
    body = str(mail.body)
    assert "1 batch is on hold." in body
    assert "insufficient_quota" in body
    assert "/admin/batches/batch/?status__exact=waiting&waiting_reason__exact=upstream_money" in body
    assert "resume them in the admin" in body


def subjects(mails: Mails) -> list[str]:
    return [mail.subject for mail in mails if "on hold" in mail.subject]


def test_the_end_is_one_email_too(held: Batch, olga: User, mailoutbox: Mails) -> None:
    check_after(3)
    held.resume(olga)
    check_after(3)
    check_after(3)
    begun, over = subjects(mailoutbox)
    assert over == f"Resolved: {begun}"


def test_further_batches_for_the_same_reason_send_nothing(
    held: Batch, alice: User, olga: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    check_after(3)
    make_batch(alice).wait(WaitReason.UPSTREAM_MONEY)
    check_after(3)
    assert len(subjects(mailoutbox)) == 1
    make_batch(alice).wait(WaitReason.UPSTREAM_KEY)
    check_after(3)
    assert len(subjects(mailoutbox)) == 2


def test_a_batch_that_tries_again_by_itself_has_not_ended_the_outage(
    alice: User, olga: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    batch = make_batch(alice)
    batch.wait(WaitReason.STORAGE)
    check_after(3)
    batch.end_wait()
    check_after(5)
    batch.wait(WaitReason.STORAGE)
    check_after(3)
    assert len(subjects(mailoutbox)) == 1
    assert "continue automatically" in str(mailoutbox[0].body)


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"waiting_reason": WaitReason.UPSTREAM_DOWN, "setback_count": 2}, 0),
        ({"waiting_reason": WaitReason.UPSTREAM_DOWN, "setback_count": 8}, 1),
        ({"waiting_reason": WaitReason.DAILY_LIMIT}, 0),
        ({"status": BatchStatus.PAUSED}, 0),
    ],
)
def test_what_needs_no_operator_is_not_emailed(
    held: Batch, olga: User, mailoutbox: Mails, change: dict[str, str], count: int
) -> None:
    Batch.objects.update(**change)
    check_after(3)
    assert len(subjects(mailoutbox)) == count
