"""Prompts that were refused for safety reasons, and what operators decide about them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from batches import lifecycle
from batches.clients import openai_moderation
from batches.models import ModerationCase
from batches.runs import moderation
from tests.cast import MakeBatch, SignedIn, fail_next, make_person

QUEUE = reverse("admin:batches_moderationcase_changelist")
Decide = Callable[..., str]


@pytest.fixture
def content(db: None) -> User:
    """An operator who looks after content."""
    user = make_person("Connie", is_staff=True)
    user.groups.add(Group.objects.get(name="Content"))
    return user


@pytest.fixture
def connies(signed_in: SignedIn, content: User) -> Client:
    return signed_in(content)


@pytest.fixture
def case(alice: User, make_batch: MakeBatch) -> ModerationCase:
    """Alice's refused prompt."""
    fail_next(make_batch(alice, ["a forbidden fox"], style="in oil"))
    return ModerationCase.objects.get()


@pytest.fixture
def decide(connies: Client, django_capture_on_commit_callbacks: Any) -> Decide:
    """Return what uses an action of the queue; mails are sent."""

    def deciding(action: str, *cases: ModerationCase) -> str:
        form = {"action": action, "_selected_action": [case.pk for case in cases], "index": 0}
        with django_capture_on_commit_callbacks(execute=True):
            return connies.post(QUEUE, form, follow=True).content.decode()

    return deciding


def in_queue(client: Client, **query: str) -> list[ModerationCase]:
    return list(client.get(QUEUE, query).context["cl"].result_list)


def test_a_refused_prompt_is_put_into_the_queue_with_its_style(connies: Client, case: ModerationCase) -> None:
    assert in_queue(connies) == [case]
    assert "forbidden fox" in case.text
    assert "in oil" in case.text
    assert case.source == ModerationCase.Source.REFUSED


def test_so_is_a_flagged_one_with_the_categories(
    alice: User, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_moderation, "flagged_categories", lambda texts: [("violence", "hate"), ()])
    batch = make_batch(alice, 2)
    first = batch.prompts.first()
    moderation.check(batch.pk, moderation.next_unchecked(batch.pk))
    case = ModerationCase.objects.get()
    assert (case.prompt, case.source, case.detail) == (first, ModerationCase.Source.FLAGGED, "violence, hate")


@pytest.mark.parametrize("code", ["upstream_error", "bad_input"])
def test_other_failures_are_not_reviewed(alice: User, make_batch: MakeBatch, code: str) -> None:
    fail_next(make_batch(alice), code)
    assert not ModerationCase.objects.exists()


def test_a_new_wording_does_not_change_what_operators_read(alice: User, case: ModerationCase) -> None:
    lifecycle.edit(case.prompt.batch, 1, "a harmless fox", alice)
    case.refresh_from_db()
    assert "forbidden fox" in case.text


@pytest.mark.parametrize("action", ["fine", "warn", "suspend"])
def test_a_decision_is_recorded_and_leaves_the_queue(
    action: str, connies: Client, content: User, decide: Decide, case: ModerationCase
) -> None:
    decide(action, case)
    assert in_queue(connies) == []
    assert in_queue(connies, decision="every") == [case]
    case.refresh_from_db()
    assert (case.decided_by, bool(case.decided_at)) == (content, True)
    entry = AuditEntry.objects.get(action=AuditAction.PROMPT_REVIEWED)
    assert (entry.user, entry.actor, entry.note) == (case.user, content, case.decision)


def test_the_log_of_the_admin_has_no_prompt(decide: Decide, case: ModerationCase) -> None:
    decide("fine", case)
    entry = LogEntry.objects.get()
    assert (entry.object_id, "fox" in entry.object_repr) == (str(case.pk), False)


def test_fine_is_no_business_of_the_customer(decide: Decide, case: ModerationCase, mailoutbox: list[Any]) -> None:
    decide("fine", case)
    assert mailoutbox == []


def test_a_warning_quotes_the_prompts_in_one_mail_for_each_customer(
    decide: Decide, alice: User, bob: User, make_batch: MakeBatch, mailoutbox: list[Any]
) -> None:
    for user in (alice, bob):
        batch = make_batch(user, ["bad one", "bad two"])
        fail_next(batch)
        fail_next(batch)
    decide("warn", *ModerationCase.objects.all())
    assert sorted(mail.to[0] for mail in mailoutbox) == [alice.email, bob.email]
    assert "bad one" in mailoutbox[0].body
    assert "bad two" in mailoutbox[0].body


def test_suspending_suspends_the_account(
    decide: Decide, alice: User, case: ModerationCase, mailoutbox: list[Any]
) -> None:
    decide("suspend", case)
    alice.refresh_from_db()
    assert not alice.is_active
    assert "forbidden fox" in mailoutbox[0].body


def test_the_reason_of_a_suspension_is_in_the_customers_language(
    decide: Decide, alice: User, case: ModerationCase, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=alice.pk).update(language="es")
    decide("suspend", case)
    assert "Este prompt incumple nuestras reglas:" in mailoutbox[0].body


def test_an_operators_account_is_not_suspended_from_the_queue(
    decide: Decide, olga: User, make_batch: MakeBatch, alice: User
) -> None:
    fail_next(make_batch(olga, 1))
    case = ModerationCase.objects.get()
    assert "0 cases" in decide("suspend", case)
    olga.refresh_from_db()
    assert olga.is_active


def test_a_case_is_decided_once(decide: Decide, case: ModerationCase, mailoutbox: list[Any]) -> None:
    decide("fine", case)
    decide("warn", case)
    case.refresh_from_db()
    assert case.decision == ModerationCase.Decision.FINE
    assert mailoutbox == []


def test_two_operators_at_once_do_not_both_decide(case: ModerationCase, content: User, olga: User) -> None:
    assert case.decide(ModerationCase.Decision.FINE, content)
    assert not case.decide(ModerationCase.Decision.WARNED, olga)


def test_the_customer_reads_the_decision_in_recent_activity(
    decide: Decide, alice: User, case: ModerationCase, signed_in: SignedIn
) -> None:
    decide("warn", case)
    page = signed_in(alice).get("/account/activity/").content.decode()
    assert "Prompt reviewed" in page
    assert "you were warned" in page


def test_the_case_has_the_buttons_until_it_is_decided(connies: Client, decide: Decide, case: ModerationCase) -> None:
    page = reverse("admin:batches_moderationcase_change", args=[case.pk])
    assert 'value="suspend"' in connies.get(page).content.decode()
    decide("fine", case)
    assert 'value="suspend"' not in connies.get(page).content.decode()
