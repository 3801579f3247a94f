"""`manage.py check_ledger`: silent about right books, status 1 and a line for each fault."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from batches.choices import PromptStatus
from batches.models import Prompt
from billing.models import CreditAccount, Hold, LedgerEntry
from tests.cast import MakeBatch, deliver_next, fail_next


@pytest.fixture(autouse=True)
def life(alice: User, bob: User, make_batch: MakeBatch) -> None:
    """Batches of two customers, each with an image, a failure and a prompt to come."""
    for user in (alice, bob):
        batch = make_batch(user)
        deliver_next(batch)
        fail_next(batch)


def test_right_books_pass(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger")
    assert capsys.readouterr().out == "The ledger is right.\n"


def test_a_wrong_balance_is_found(bob: User) -> None:
    CreditAccount.objects.filter(user=bob).update(balance=99)
    with pytest.raises(CommandError, match=r"bob@example\.org: balance 99, ledger 4"):
        call_command("check_ledger")


def test_a_wrong_sum_of_holds_is_found(bob: User) -> None:
    CreditAccount.objects.filter(user=bob).update(held=0)
    with pytest.raises(CommandError, match=r"bob@example\.org: held 0, holds 1"):
        call_command("check_ledger")


def test_a_hold_without_its_prompts_is_found(bob: User) -> None:
    Prompt.objects.filter(batch__user=bob, status=PromptStatus.QUEUED).update(status=PromptStatus.CANCELLED)
    with pytest.raises(CommandError, match="holds 1, open prompts need 0"):
        call_command("check_ledger")


def test_a_wrong_charge_is_found() -> None:
    LedgerEntry.objects.filter(kind=LedgerEntry.Kind.IMAGE).update(amount=-7)
    with pytest.raises(CommandError, match="charged -7"):
        call_command("check_ledger")


def test_every_fault_is_reported(alice: User, bob: User) -> None:
    CreditAccount.objects.update(balance=0)
    Hold.objects.update(credits=9)
    with pytest.raises(CommandError) as caught:
        call_command("check_ledger")
    assert len(str(caught.value).splitlines()) == 8
