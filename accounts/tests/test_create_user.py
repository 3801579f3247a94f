"""`manage.py create_user EMAIL [--password P] [--staff] [--superuser]`."""

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from accounts.models import AuditAction, AuditEntry, User

pytestmark = pytest.mark.django_db


def test_the_address_counts_as_verified(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_user", "Alice@Example.org")
    address = EmailAddress.objects.get(user__email="alice@example.org")
    assert (address.email, address.verified, address.primary) == ("alice@example.org", True, True)
    assert capsys.readouterr().out == "alice@example.org can sign in.\n"


def test_without_a_password_there_is_none() -> None:
    call_command("create_user", "alice@example.org", verbosity=0)
    assert not User.objects.get().has_usable_password()


def test_a_password_can_be_given() -> None:
    call_command("create_user", "alice@example.org", "--password", "a violin under the stairs", verbosity=0)
    assert User.objects.get().check_password("a violin under the stairs")


@pytest.mark.parametrize(
    ("options", "powers"), [([], (False, False)), (["--staff"], (True, False)), (["--superuser"], (True, True))]
)
def test_operators_are_made_by_an_option(options: list[str], powers: tuple[bool, bool]) -> None:
    call_command("create_user", "olga@example.org", *options, verbosity=0)
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == powers


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.org"])
def test_an_address_that_is_taken_is_an_error(email: str) -> None:
    User.objects.create_user("alice@example.org")
    with pytest.raises(CommandError, match="is a user already"):
        call_command("create_user", email)
    assert User.objects.count() == 1


@pytest.mark.parametrize("email", ["", "alice", "alice@", "a b@example.org", "a\x00@example.org"])
def test_what_is_no_address_is_an_error(email: str) -> None:
    with pytest.raises(CommandError, match="is not an email address"):
        call_command("create_user", email)
    assert not User.objects.exists()


@pytest.mark.parametrize(("options", "notes"), [([], []), (["--superuser"], ["+is_staff; +is_superuser"])])
def test_a_new_operator_is_in_the_security_trail(options: list[str], notes: list[str]) -> None:
    call_command("create_user", "olga@example.org", *options, verbosity=0)
    entries = AuditEntry.objects.filter(action=AuditAction.ROLE_CHANGED)
    assert [entry.note for entry in entries] == notes
