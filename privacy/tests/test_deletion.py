"""Deleting an account, step by step, without Stripe; `billing/tests/stripe/test_deletion.py` has the payments."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, AuditAction, AuditEntry, User
from batches.choices import BatchStatus
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch, Prompt
from billing.credits import ledger
from billing.credits.check import unbalanced_accounts
from billing.models import LedgerEntry, Membership
from privacy import deletion
from tests.cast import MakeBatch, begin, make_person

TimeHasCome = Callable[[User], None]
#: What may still point to the row of somebody who was erased: the books, without names.
STAYS = {"billing.creditaccount", "billing.delayedpayment", "billing.membership", "billing.sentemail"}


def rows_of(user: User) -> set[str]:
    """Return the names of all models with a row that belongs to the user."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_of_users = isinstance(field, models.ForeignKey) and field.related_model is User
            if is_of_users and model._default_manager.filter(**{field.name: user}).exists():
                found.add(model._meta.label_lower)
    return found


@pytest.mark.usefixtures("full_account")
def test_a_request_stops_everything_and_erases_nothing(alice: User) -> None:
    deletion.request(alice, alice)
    assert set(Batch.objects.values_list("status", flat=True)) == {BatchStatus.FINISHED, BatchStatus.CANCELLED}
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    assert Prompt.objects.filter(text="a secret garden").exists()
    assert ledger.account_of(alice).held == 0


@pytest.mark.usefixtures("full_account")
def test_the_second_request_changes_nothing(
    alice: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    first = deletion.request(alice, alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert deletion.request(alice, alice) == first
    assert mailoutbox == []
    assert AuditEntry.objects.filter(action=AuditAction.DELETION_REQUESTED).count() == 1


def test_an_account_can_be_kept(alice: User) -> None:
    deletion.request(alice, alice)
    assert deletion.undo(alice, alice)
    User.objects.filter(pk=alice.pk).update(date_joined=timezone.now() - timedelta(days=30))
    assert deletion.erase_due() == 0
    assert User.objects.get(pk=alice.pk).is_active


def test_nothing_is_erased_before_its_time(full_account: User) -> None:
    deletion.request(full_account, full_account)
    assert deletion.erase_due() == 0
    assert not deletion.erase(full_account)
    assert Prompt.objects.exists()


def test_all_that_belongs_to_a_person_is_erased(full_account: User, time_has_come: TimeHasCome) -> None:
    deletion.request(full_account, full_account)
    time_has_come(full_account)
    assert deletion.erase_due() == 1
    assert rows_of(full_account) <= STAYS
    assert not Prompt.objects.exists()
    assert not AuditEntry.objects.filter(address="alice@example.org").exists()
    left = User.objects.get(pk=full_account.pk)
    assert (left.email, left.name, left.is_active) == (f"{left.public_id}@erased.invalid", "", False)


def test_files_are_erased(full_account: User, time_has_come: TimeHasCome) -> None:
    names = [*Prompt.objects.exclude(image="").values_list("image", flat=True), full_account.references.get().file.name]
    deletion.request(full_account, full_account)
    time_has_come(full_account)
    assert [name for name in names if default_storage.exists(name)] == []


def test_the_books_stay_without_the_person(full_account: User, time_has_come: TimeHasCome) -> None:
    deletion.request(full_account, full_account)
    time_has_come(full_account)
    deletion.erase_due()
    entries = LedgerEntry.objects.filter(account__user=full_account)
    assert {(kind, note) for kind, note in entries.values_list("kind", "note")} == {
        (kind, "") for kind in ("free", "operator", "image", "expiry")
    }
    assert ledger.account_of(full_account).balance == 0
    assert unbalanced_accounts() + holds_that_do_not_add_up() == []


def test_the_address_can_be_used_for_a_new_account(full_account: User, time_has_come: TimeHasCome) -> None:
    deletion.request(full_account, full_account)
    time_has_come(full_account)
    deletion.erase_due()
    new = make_person("Alice")
    assert EmailAddress.objects.get(email=new.email).user == new
    assert ledger.account_of(new).balance > 0


def test_a_last_email_goes_to_the_former_address(
    alice: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    deletion.request(alice, alice)
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        deletion.erase_due()
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"]]
    assert "We deleted your account" in mailoutbox[0].body


def test_an_image_in_flight_delays_the_erasure(alice: User, make_batch: MakeBatch, time_has_come: TimeHasCome) -> None:
    batch = make_batch(alice, 2)
    turn, prompt = begin(batch)
    deletion.request(alice, alice)
    time_has_come(alice)
    assert deletion.erase_due() == 0
    assert User.objects.get(pk=alice.pk).email == "alice@example.org"
    turn.fail(prompt, "refused", "", "")
    time_has_come(alice)
    assert deletion.erase_due() == 1


def test_it_can_not_be_undone_once_it_has_begun(full_account: User, time_has_come: TimeHasCome) -> None:
    deletion.request(full_account, full_account)
    time_has_come(full_account)
    assert not deletion.undo(full_account, full_account)


STEPS = ["batches.erasure.erase", "billing.payments.erasure.erase", "accounts.erasure.anonymise"]


@pytest.mark.parametrize("step", STEPS)
def test_what_was_killed_in_the_middle_goes_on(
    full_account: User, time_has_come: TimeHasCome, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    deletion.request(full_account, full_account)
    time_has_come(full_account)
    with monkeypatch.context() as patch:
        patch.setattr(step, _killed)
        with pytest.raises(KeyboardInterrupt):
            deletion.erase_due()
    assert deletion.erase_due() == 1
    assert rows_of(full_account) <= STAYS


def test_a_fault_with_one_account_does_not_stop_the_others(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erase(user: User) -> None:
        if user == alice:
            raise KeyError

    monkeypatch.setattr("billing.payments.erasure.erase", erase)
    User.objects.update(delete_at=timezone.now())
    assert deletion.erase_due() == 1
    assert set(User.objects.filter(delete_at=None)) == {bob}


def test_a_fault_while_closing_one_account_does_not_stop_the_others(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def revoke(user: User, actor: User | None) -> None:
        raise KeyError

    monkeypatch.setattr("accounts.erasure.revoke_keys", revoke)
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now() + timedelta(days=1))
    User.objects.filter(pk=bob.pk).update(delete_at=timezone.now())
    assert deletion.erase_due() == 1


def _killed(_user: User) -> None:
    raise KeyboardInterrupt


def test_a_storage_that_is_away_delays_only_that_account(
    full_account: User, bob: User, time_has_come: TimeHasCome, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (full_account, bob):
        deletion.request(user, user)
    User.objects.update(delete_at=timezone.now())
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "delete", _away)
        assert deletion.erase_due() == 1
    time_has_come(full_account)
    assert deletion.erase_due() == 1


def _away(_name: str) -> None:
    raise OSError("the storage is away")


def test_a_run_that_was_submitted_meanwhile_is_stopped_by_the_job(alice: User, make_batch: MakeBatch) -> None:
    deletion.request(alice, alice)
    batch = make_batch(alice)
    deletion.erase_due()
    batch.refresh_from_db()
    assert batch.status == BatchStatus.CANCELLED


def test_a_plan_that_was_given_ends(alice: User, give_plan: Any, time_has_come: TimeHasCome) -> None:
    from billing import plans

    give_plan(alice, plans.STARTER)
    deletion.request(alice, alice)
    time_has_come(alice)
    deletion.erase_due()
    assert Membership.objects.get(user=alice).status == Membership.Status.ENDED


def test_a_dry_run_only_counts(alice: User) -> None:
    deletion.request(alice, alice)
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now())
    assert deletion.erase_due(dry_run=True) == 1
    assert User.objects.get(pk=alice.pk).erased_at is None
