"""Operators get one email each time a reason begins for which batches are on hold."""

import smtplib

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage

from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.emails import on_hold
from batches.models import Batch
from tests.cast import MakeBatch

Mails = list[EmailMessage]


@pytest.fixture
def held(alice: User, make_batch: MakeBatch) -> Batch:
    """A batch of Alice that waits because OpenAI wants payment."""
    batch = make_batch(alice)
    batch.wait(WaitReason.UPSTREAM_MONEY, "insufficient_quota")
    return batch


def test_each_operator_who_may_act_on_batches_is_mailed(held: Batch, olga: User, mailoutbox: Mails) -> None:
    User.objects.create_user("helper@example.org", is_staff=True)
    User.objects.create_user("former@example.org", is_staff=True, is_superuser=True, is_active=False)
    assert on_hold.send_on_hold() == 1
    assert [mail.to for mail in mailoutbox] == [[olga.email]]
    assert mailoutbox[0].subject == "Batches are on hold: Our account with the AI service needs attention."
    body = str(mailoutbox[0].body)
    assert "1 batch is on hold." in body
    assert "insufficient_quota" in body
    assert "/admin/batches/batch/?status__exact=waiting&waiting_reason__exact=upstream_money" in body
    assert "resume them in the admin" in body


def test_further_batches_with_the_same_reason_send_nothing(
    held: Batch, alice: User, olga: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    on_hold.send_on_hold()
    make_batch(alice).wait(WaitReason.UPSTREAM_MONEY)
    assert on_hold.send_on_hold() == 0
    make_batch(alice).wait(WaitReason.UPSTREAM_KEY)
    assert on_hold.send_on_hold() == 1


def test_a_reason_that_begins_again_is_mailed_again(held: Batch, olga: User, mailoutbox: Mails) -> None:
    on_hold.send_on_hold()
    held.resume(olga)
    assert on_hold.send_on_hold() == 0
    held.wait(WaitReason.UPSTREAM_MONEY)
    assert on_hold.send_on_hold() == 1


def test_a_storage_that_is_only_tried_again_has_not_begun_again(
    alice: User, olga: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    batch = make_batch(alice)
    batch.wait(WaitReason.STORAGE)
    assert on_hold.send_on_hold() == 1
    batch.go_on()
    on_hold.send_on_hold()
    batch.wait(WaitReason.STORAGE)
    assert on_hold.send_on_hold() == 0
    assert "continue automatically" in str(mailoutbox[0].body)


@pytest.mark.parametrize(("setback_count", "mails"), [(2, 0), (8, 1)])
def test_only_a_long_outage_is_mailed(
    held: Batch, olga: User, mailoutbox: Mails, setback_count: int, mails: int
) -> None:
    Batch.objects.update(waiting_reason=WaitReason.UPSTREAM_DOWN, setback_count=setback_count)
    assert on_hold.send_on_hold() == mails


@pytest.mark.parametrize("change", [{"waiting_reason": WaitReason.DAILY_LIMIT}, {"status": BatchStatus.PAUSED}])
def test_what_needs_no_operator_is_not_mailed(
    held: Batch, olga: User, mailoutbox: Mails, change: dict[str, str]
) -> None:
    Batch.objects.update(**change)
    assert on_hold.send_on_hold() == 0


def test_a_mail_server_that_is_away_is_tried_again_later(
    held: Batch, olga: User, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(message: EmailMessage, fail_silently: bool = False) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        assert on_hold.send_on_hold() == 0
    assert on_hold.send_on_hold() == 0
    # The claim ends after some minutes.
    cache.delete(on_hold._key(WaitReason.UPSTREAM_MONEY))
    assert on_hold.send_on_hold() == 1
