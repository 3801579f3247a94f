"""A key from the command line, for a program's set-up."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from accounts.keys import api_keys
from accounts.models import User


def create(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue()


def test_the_key_stands_alone_on_stdout(alice: User) -> None:
    printed = create(alice.email, "--name", "ci")
    assert printed.count("\n") == 1
    key = api_keys.find(printed.strip())
    assert (key.user, key.name) == (alice, "ci")
    assert key.scopes == ["batches:read", "batches:write", "usage:read"]


@pytest.mark.parametrize(
    "arguments",
    [("--scope", "usage:read", "batches:read"), ("--scope", "usage:read", "--scope", "batches:read")],
)
def test_scopes_are_named_in_a_row_or_one_by_one(alice: User, arguments: tuple[str, ...]) -> None:
    assert api_keys.find(create(alice.email, "--name", "ci", *arguments).strip()).scopes == [
        "batches:read",
        "usage:read",
    ]


def test_payments_are_for_operators(alice: User, olga: User) -> None:
    with pytest.raises(CommandError, match="operators only"):
        create(alice.email, "--name", "shop", "--scope", "billing")
    assert api_keys.find(create(olga.email, "--name", "shop", "--scope", "billing").strip()).scopes == ["billing"]


def test_an_unknown_person_or_scope_is_refused(db: None, alice: User) -> None:
    with pytest.raises(CommandError, match="no user"):
        create("nobody@example.org", "--name", "ci")
    with pytest.raises(CommandError, match="invalid choice"):
        create(alice.email, "--name", "ci", "--scope", "everything")


def test_a_key_can_have_a_last_day_and_a_limit(alice: User) -> None:
    printed = create(alice.email, "--name", "ci", "--last-day", "2099-12-31", "--monthly-credits", "50")
    key = api_keys.find(printed.strip())
    assert (key.expires_at, key.monthly_credit_limit) == (datetime(2100, 1, 1, tzinfo=UTC), 50)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", " "),
        ("--name", "x" * 101),
        ("--name", "ci", "--last-day", "2020-02-02"),
        ("--name", "ci", "--last-day", "9999-12-31"),
        ("--name", "ci", "--last-day", "soon"),
        ("--name", "ci", "--monthly-credits", "0"),
        ("--name", "ci", "--monthly-credits", "9" * 20),
    ],
)
def test_what_no_key_can_have_is_refused(alice: User, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        create(alice.email, *arguments)
    assert not alice.api_keys.exists()
