"""Emails about batches: one when a run has ended, one before images go that no browser has saved."""

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.test import Client
from django.utils import timezone, translation

from accounts import unsubscribing
from accounts.models import ApiKey, User
from batches import lifecycle
from batches.delivery import storage
from batches.emails import due, messages
from batches.models import Batch, BatchEvent, Prompt
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.threads import at_once

Mails = list[EmailMessage]
AGED = {
    Batch: ("created_at", "started_at", "finished_at", "end_mail_at", "expiry_mail_at"),
    BatchEvent: ("created_at",),
    Prompt: ("ready_at", "confirmed_at"),
}


def pass_time(**length: float) -> None:
    """Move all times of batches into the past."""
    for model, columns in AGED.items():
        model.objects.update(**{column: F(column) - timedelta(**length) for column in columns})


def save_all(batch: Batch) -> None:
    storage.confirm(batch, dict(batch.prompts.on_server().values_list("position", "sha256")))


@pytest.fixture
def batch(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's finished run of two images: one ready and not saved, one failed."""
    batch = make_batch(alice, 2, title="Foxes")
    deliver_next(batch)
    fail_next(batch)
    return batch


@pytest.fixture
def long_run(alice: User, make_batch: MakeBatch) -> Batch:
    """Alice's run of eleven minutes that has just finished, with its image saved."""
    batch = make_batch(alice, 1)
    pass_time(minutes=11)
    deliver_next(batch)
    save_all(batch)
    return batch


def test_a_long_run_is_mailed_when_it_ends(long_run: Batch, mailoutbox: Mails) -> None:
    due.send_due()
    assert [mail.subject for mail in mailoutbox] == ["1 of 1 image is ready: prompt number 1"]
    assert "One of your browsers has saved everything that is finished." in mailoutbox[0].body


def test_a_short_run_is_not_mailed_if_a_browser_saves_its_images(batch: Batch, mailoutbox: Mails) -> None:
    due.send_due()
    save_all(batch)
    pass_time(minutes=6)
    assert (due.send_due(), mailoutbox) == (0, [])


def test_images_that_nobody_fetches_are_mailed_after_five_minutes(batch: Batch, mailoutbox: Mails) -> None:
    assert due.send_due() == 0
    pass_time(minutes=6)
    assert due.send_due() == 1
    body = mailoutbox[0].body
    assert "Ready: 1 of 2\nFailed: 1 (not charged)\n\nNo browser has saved 1 image yet." in body
    assert f"\n{settings.SITE_URL}/batches/{batch.pk}/\n" in body


def test_the_mail_says_until_when_the_server_keeps_the_images(batch: Batch, mailoutbox: Mails) -> None:
    ready_at = datetime.fromisoformat("2026-11-29T18:30:00Z")
    batch.prompts.filter(position=1).update(ready_at=ready_at)
    pass_time(minutes=6)
    batch.prompts.filter(position=1).update(ready_at=ready_at)
    due.send_due()
    assert "The server keeps it until Dec. 13, 2026, 18:30 UTC." in mailoutbox[0].body


def test_a_run_is_mailed_once(long_run: Batch, mailoutbox: Mails) -> None:
    due.send_due()
    pass_time(hours=1)
    due.send_due()
    assert len(mailoutbox) == 1


def test_the_run_after_a_retry_is_mailed_again(alice: User, make_batch: MakeBatch, mailoutbox: Mails) -> None:
    batch = make_batch(alice, 1)
    for _ in range(2):
        pass_time(minutes=11)
        fail_next(batch, "upstream_error")
        due.send_due()
        lifecycle.retry(batch, alice)
    assert [mail.subject[:6] for mail in mailoutbox] == ["0 of 1", "0 of 1"]


def test_a_short_retry_of_an_old_batch_is_not_a_long_run(alice: User, make_batch: MakeBatch, mailoutbox: Mails) -> None:
    batch = make_batch(alice, 1)
    fail_next(batch, "upstream_error")
    pass_time(days=2)
    lifecycle.retry(batch, alice)
    deliver_next(batch)
    save_all(batch)
    assert (due.send_due(), mailoutbox) == (0, [])


def test_a_retry_before_the_mail_is_sent_leaves_it_to_the_next_end(
    alice: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    batch = make_batch(alice, 1)
    fail_next(batch, "upstream_error")
    pass_time(minutes=11)
    lifecycle.retry(batch, alice)
    assert (due.send_due(), mailoutbox) == (0, [])


def test_of_two_workers_one_sends_the_mail(long_run: Batch, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    compose = messages.run_ended

    def while_another_worker_looks(*about: Any) -> EmailMessage:
        monkeypatch.setattr(messages, "run_ended", compose)
        due.send_due()
        return compose(*about)

    monkeypatch.setattr(messages, "run_ended", while_another_worker_looks)
    due.send_due()
    assert len(mailoutbox) == 1


def kill_while_sending(monkeypatch: pytest.MonkeyPatch, send: Callable[[EmailMessage], object]) -> None:
    """Let a worker die in the call that sends its email, after `send`."""

    def sends_and_dies(mail: EmailMessage) -> None:
        send(mail)
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", sends_and_dies)
        with pytest.raises(SystemExit, match="killed"):
            due.send_due()


def test_a_worker_that_is_killed_before_sending_leaves_the_mail_to_another(
    long_run: Batch, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_while_sending(monkeypatch, lambda mail: None)
    assert due.send_due() == 0
    pass_time(minutes=6)
    assert (due.send_due(), len(mailoutbox)) == (1, 1)


def test_a_mail_sent_again_after_a_kill_has_the_same_id(
    long_run: Batch, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_while_sending(monkeypatch, EmailMessage.send)
    Batch.objects.update(end_mail_at=timezone.now())
    due.send_due()
    assert len({mail.message()["Message-ID"] for mail in mailoutbox}) == 1 < len(mailoutbox)


def test_a_mail_server_that_is_down_delays_the_mail(
    long_run: Batch, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", lambda mail: (_ for _ in ()).throw(smtplib.SMTPServerDisconnected()))
        assert due.send_due() == 0
    pass_time(minutes=31)
    assert (due.send_due(), len(mailoutbox)) == (1, 1)


def _turn_off(batch: Batch) -> None:
    unsubscribing.set_wanted(batch.user, False)


def _block(batch: Batch) -> None:
    User.objects.update(is_active=False)


def _sent_by_a_program(batch: Batch) -> None:
    Batch.objects.update(api_key=ApiKey.objects.create(user=batch.user, public_id="a" * 12, name="a program"))


def _delete(batch: Batch) -> None:
    lifecycle.delete(batch, batch.user)


@pytest.mark.parametrize("change", [_turn_off, _block, _sent_by_a_program, _delete])
@pytest.mark.parametrize("age", [{"minutes": 6}, {"days": 13}])
def test_no_email_is_sent_after_this_change(
    batch: Batch, mailoutbox: Mails, change: Callable[[Batch], None], age: dict[str, float]
) -> None:
    change(batch)
    pass_time(**age)
    assert (due.send_due(), mailoutbox) == (0, [])


def test_unsaved_images_are_mailed_once_before_they_go(batch: Batch, mailoutbox: Mails) -> None:
    Batch.objects.update(end_mail_at=None)
    pass_time(days=11, hours=23)
    assert due.send_due() == 0
    for _ in range(2):
        pass_time(hours=2)
        due.send_due()
    assert [mail.subject for mail in mailoutbox] == ["Save 1 image before we delete it: Foxes"]


def test_images_of_a_paused_batch_are_mailed_before_they_go(
    alice: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    batch = make_batch(alice, 2)
    deliver_next(batch)
    batch.pause(alice)
    pass_time(days=12, hours=1)
    assert (due.send_due(), len(mailoutbox)) == (1, 1)


def test_saved_images_are_deleted_without_an_email(batch: Batch, mailoutbox: Mails) -> None:
    save_all(batch)
    pass_time(days=13)
    assert (due.send_due(), mailoutbox) == (0, [])


def test_the_next_unsaved_image_has_its_own_warning(alice: User, make_batch: MakeBatch, mailoutbox: Mails) -> None:
    batch = make_batch(alice, 3)
    deliver_next(batch)
    save_all(batch)
    pass_time(days=5)
    deliver_next(batch)
    pass_time(days=8)
    assert due.send_due() == 0
    pass_time(days=4, hours=1)
    assert (due.send_due(), len(mailoutbox)) == (1, 1)


def test_a_line_break_in_a_title_stays_out_of_the_subject(long_run: Batch, mailoutbox: Mails) -> None:
    Batch.objects.update(title="Foxes\r\nBcc: everybody@example.org")
    due.send_due()
    assert mailoutbox[0].message()["Subject"] == "1 of 1 image is ready: Foxes Bcc: everybody@example.org"


def test_a_mail_is_in_the_language_of_the_form(alices: Client, form: dict[str, Any], mailoutbox: Mails) -> None:
    # A request leaves its language active, which the next test must not have.
    with translation.override("en"):
        alices.post("/batches/new/", {**form, "prompts": "a fox"}, headers={"accept-language": "es"})
        pass_time(minutes=11)
        deliver_next(Batch.objects.get())
        translation.activate("en")
        due.send_due()
    assert "imagen" in mailoutbox[0].subject


def test_a_mail_can_be_turned_off_by_one_click(long_run: Batch, alice: User, client: Client, mailoutbox: Mails) -> None:
    due.send_due()
    headers = mailoutbox[0].message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link in mailoutbox[0].body
    client.post(link.removeprefix(settings.SITE_URL), {"List-Unsubscribe": "One-Click"})
    alice.refresh_from_db()
    assert not alice.wants_batch_mails


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_send_each_mail_once(
    alice: User, make_batch: MakeBatch, mailoutbox: Mails
) -> None:
    for _ in range(8):
        fail_next(make_batch(alice, 1))
    pass_time(minutes=6)
    Batch.objects.update(created_at=F("created_at") - timedelta(minutes=11))
    BatchEvent.objects.filter(from_status="").update(created_at=F("created_at") - timedelta(minutes=11))
    assert sum(at_once([due.send_due] * 3)) == len(mailoutbox) == 8  # type: ignore[arg-type]
