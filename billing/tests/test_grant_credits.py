"""`manage.py grant_credits EMAIL N --note TEXT`."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from billing.credits import ledger
from billing.models import LedgerEntry


def test_credits_are_booked_with_their_note(bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("grant_credits", bob.email, "10", "--note", "welcome")
    assert ledger.account_of(bob).left == 15
    assert LedgerEntry.objects.get(note="welcome").kind == LedgerEntry.Kind.OPERATOR
    assert capsys.readouterr().out == "bob@example.org: +10 credits\n"


def test_the_case_of_the_address_does_not_count(bob: User) -> None:
    call_command("grant_credits", "BOB@Example.ORG", "1", "--note", "x")
    assert ledger.account_of(bob).left == 6


def test_credits_can_be_taken(bob: User) -> None:
    call_command("grant_credits", bob.email, "--note", "x", "--", "-2")
    assert ledger.account_of(bob).left == 3


def test_quiet_prints_nothing(bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("grant_credits", bob.email, "1", "--note", "x", verbosity=0)
    assert capsys.readouterr().out == ""


def test_an_unknown_address_is_an_error(db: None) -> None:
    with pytest.raises(CommandError, match=r"There is no user nobody@example\.org"):
        call_command("grant_credits", "nobody@example.org", "1", "--note", "x")


@pytest.mark.parametrize(("amount", "note"), [("0", "x"), ("9" * 20, "x"), ("1", "x" * 256)])
def test_what_cannot_be_booked_is_an_error(bob: User, amount: str, note: str) -> None:
    with pytest.raises(CommandError):
        call_command("grant_credits", bob.email, amount, "--note", note)
    assert ledger.account_of(bob).left == 5


@pytest.mark.parametrize(
    "arguments", [["bob@example.org"], ["bob@example.org", "many", "--note", "x"], ["bob@example.org", "1"]]
)
def test_half_a_command_is_an_error(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("grant_credits", *arguments)
