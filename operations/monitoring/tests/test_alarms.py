"""Emails to operators when something begins to fail and when it ends."""

import smtplib
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone
from djstripe.models import WebhookEventTrigger

from accounts.models import User
from batches.models import WebhookDelivery
from batches.runs import heartbeat
from billing.models import CreditAccount
from operations.models import Alarm
from operations.monitoring import alarms, clocks, health
from tests.cast import make_person
from tests.threads import at_once

Mails = list[EmailMessage]
KIND = Alarm.Kind.NO_WORKER


@pytest.fixture(autouse=True)
def unclaimed() -> None:
    cache.clear()


def pass_time(minutes: float) -> None:
    """Let what was noted and mailed lie that much further in the past."""
    for alarm in Alarm.objects.all():
        alarm.since -= timedelta(minutes=minutes)
        alarm.mailed_at = alarm.mailed_at and alarm.mailed_at - timedelta(minutes=minutes)
        alarm.save()


def tell(is_on: bool) -> bool:
    """Note a state that has lasted, and report it."""
    alarms.note(KIND, is_on)
    pass_time(3)
    alarm = Alarm.objects.get(kind=KIND)
    return alarm.is_on != alarm.is_mailed and alarms.report(alarm)


def test_a_beginning_and_an_end_are_one_email_each(olga: User, mailoutbox: Mails) -> None:
    assert [tell(True), tell(True)] == [True, False]
    assert [tell(False), tell(False)] == [True, False]
    subjects = [mail.subject for mail in mailoutbox]
    assert subjects == ["No worker is running.", "Resolved: No worker is running."]
    assert mailoutbox[0].to == [olga.email]


def test_a_short_failure_is_neither_mailed_nor_logged(olga: User, caplog: pytest.LogCaptureFixture) -> None:
    alarms.note(KIND, True)
    assert not alarms.report(Alarm.objects.get())
    assert caplog.text == ""
    assert tell(True)
    assert "alarm: no_worker" in caplog.text


def test_a_beginning_is_mailed_once_an_hour_and_its_end_at_once(olga: User, mailoutbox: Mails) -> None:
    for _ in range(5):
        tell(True)
        tell(False)
    assert len(mailoutbox) == 2
    pass_time(60)
    tell(True)
    assert len(mailoutbox) == 3


def test_only_operators_who_may_see_the_matter_are_mailed(olga: User, alice: User, mailoutbox: Mails) -> None:
    make_person("Junior", is_staff=True)
    tell(True)
    assert [mail.to for mail in mailoutbox] == [[olga.email]]


def test_a_mail_server_that_is_away_is_tried_again(
    olga: User, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(message: EmailMessage, fail_silently: bool = False) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        assert not tell(True)
    assert tell(True)
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_race_send_one_email(olga: User, mailoutbox: Mails) -> None:
    alarms.note(KIND, True)
    pass_time(3)
    same = [Alarm.objects.get() for _ in range(4)]
    assert sorted(at_once([lambda alarm=alarm: alarms.report(alarm) for alarm in same]), key=str) == [
        False, False, False, True
    ]  # fmt: skip
    assert len(mailoutbox) == 1


def states() -> dict[str, bool]:
    return dict(Alarm.objects.values_list("kind", "is_on"))


def test_each_kind_is_found(bob: User, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path
    heartbeat.beat()
    clocks.note_worker()
    alarms.check()
    assert set(states().values()) == {False}
    cache.clear()
    ago = timezone.now() - timedelta(minutes=20)
    WebhookDelivery.objects.create(user=bob, url="https://example.org", event="image.ready", next_attempt_at=ago)
    failed = WebhookEventTrigger.objects.create(valid=True, remote_ip="127.0.0.1", headers={}, body="{}")
    WebhookEventTrigger.objects.filter(pk=failed.pk).update(created=ago, exception="KeyError")
    monkeypatch.setattr(health, "disk", lambda: "0 MB free")
    alarms.check()
    assert {kind for kind, is_on in states().items() if is_on} == {"no_worker", "disk", "stripe_events", "webhooks"}


def test_a_ledger_that_is_off_is_found(alice: User) -> None:
    alarms.check_ledger()
    assert states() == {"ledger": False}
    CreditAccount.objects.update(balance=1)
    alarms.check_ledger()
    assert states() == {"ledger": False}, "summed up again too soon"
    cache.clear()
    alarms.check_ledger()
    assert states() == {"ledger": True}


def test_a_worker_whose_clock_is_wrong_is_found(alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    heartbeat.beat()
    monkeypatch.setattr(clocks, "time", lambda: time.time() + 5)
    clocks.note_worker()
    assert clocks.wrong_workers() == {heartbeat.name(): "-5.0 s"}
    alarms.check()
    assert states()["clock"]
    monkeypatch.undo()
    clocks.note_worker()
    assert clocks.wrong_workers() == {}


@pytest.mark.django_db
def test_without_workers_the_health_page_notices(client: Client) -> None:
    client.get("/healthz")
    assert states()["no_worker"]


@pytest.mark.django_db
def test_what_cannot_be_checked_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> bool:
        raise ConnectionRefusedError

    monkeypatch.setitem(alarms._CHECKS, KIND, away)
    alarms.check()
    assert KIND not in states()
