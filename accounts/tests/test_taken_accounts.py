"""An account that somebody made with another person's address becomes that person's, and theirs alone."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.keys import api_keys
from accounts.models import ApiKey, AuditAction, AuditEntry, User
from accounts.tests.conftest import ComeBack, ReadCode, is_signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "dora@example.org"
PASSWORD = "a violin under the stairs"


def ask_for_code(client: Client) -> None:
    client.post(reverse("account_login"), {"login": ADDRESS, "password": ""})


def sign_in_by_code(client: Client, read_code: ReadCode) -> None:
    ask_for_code(client)
    client.post(reverse("account_confirm_login_code"), {"code": read_code(ADDRESS)})


def confirm_address(client: Client, code: str, **more: str) -> Any:
    return client.post(reverse("account_email_verification_sent"), {"code": code, **more})


def ways_in() -> list[str]:
    return list(SocialAccount.objects.values_list("provider", flat=True))


@pytest.fixture
def squatter(come_back: ComeBack) -> Client:
    """The browser of somebody whose Microsoft account claims Dora's address; it waits for her code."""
    squatter = Client()
    come_back(squatter, "microsoft", ADDRESS, name="Mallory", subject="mallory")
    return squatter


@pytest.fixture
def unowned() -> User:
    """An account with Dora's address that nobody has confirmed, and with everything that an account can have."""
    user = User.objects.create_user(ADDRESS, PASSWORD)
    EmailAddress.objects.create(user=user, email=ADDRESS, primary=True)
    TOTP.activate(user, generate_totp_secret())
    api_keys.create(user, "squatter's")
    return user


def test_the_owner_who_comes_by_code_has_the_account_alone(
    client: Client, squatter: Client, read_code: ReadCode, come_back: ComeBack
) -> None:
    sign_in_by_code(client, read_code)
    assert is_signed_in(client)
    come_back(squatter, "microsoft", ADDRESS, subject="mallory")
    assert not is_signed_in(squatter)
    assert ways_in() == []


def test_the_owner_who_comes_by_google_has_the_account_alone(
    client: Client, squatter: Client, come_back: ComeBack
) -> None:
    come_back(client, "google", ADDRESS)
    assert is_signed_in(client)
    come_back(squatter, "microsoft", ADDRESS, subject="mallory")
    assert not is_signed_in(squatter)
    assert ways_in() == ["google"]


def test_an_address_verified_by_google_needs_no_code(
    client: Client, squatter: Client, come_back: ComeBack, mailoutbox: list[Any]
) -> None:
    mailoutbox.clear()
    come_back(client, "google", ADDRESS)
    assert EmailAddress.objects.get(email=ADDRESS).verified
    assert not [mail for mail in mailoutbox if "code" in mail.subject]


def test_google_vouches_for_an_account_without_an_address_row(client: Client, come_back: ComeBack) -> None:
    User.objects.create_user(ADDRESS)
    come_back(client, "google", ADDRESS)
    assert is_signed_in(client)


def test_the_squatters_name_goes_too(client: Client, squatter: Client, read_code: ReadCode) -> None:
    sign_in_by_code(client, read_code)
    assert User.objects.get().name == ""


def test_the_owner_learns_that_something_was_removed(client: Client, squatter: Client, read_code: ReadCode) -> None:
    sign_in_by_code(client, read_code)
    assert "We removed the ways to sign in" in client.get(reverse("home")).content.decode()


def test_who_signs_up_learns_of_nothing(client: Client, read_code: ReadCode) -> None:
    client.post(reverse("account_signup"), {"email": ADDRESS})
    confirm_address(client, read_code(ADDRESS))
    assert is_signed_in(client)
    assert "We removed the ways to sign in" not in client.get(reverse("home")).content.decode()


def test_the_waiting_sign_in_of_the_squatter_ends(client: Client, squatter: Client, read_code: ReadCode) -> None:
    squatters_code = read_code(ADDRESS)
    sign_in_by_code(client, read_code)
    confirm_address(squatter, squatters_code)
    assert not is_signed_in(squatter)


def test_the_squatter_cannot_change_the_address_while_the_owner_sets_a_password(
    client: Client, squatter: Client, read_code: ReadCode
) -> None:
    client.post(reverse("account_reset_password"), {"email": ADDRESS})
    client.post(reverse("account_confirm_password_reset_code"), {"code": read_code(ADDRESS)})
    squatter.post(reverse("account_email_verification_sent"), {"action": "change", "email": "mallory@evil.test"})
    assert User.objects.get().email == ADDRESS


def test_a_password_reset_hands_the_account_over(client: Client, unowned: User, read_code: ReadCode) -> None:
    client.post(reverse("account_reset_password"), {"email": ADDRESS})
    client.post(reverse("account_confirm_password_reset_code"), {"code": read_code(ADDRESS)})
    chosen = {"password1": "another violin upstairs", "password2": "another violin upstairs"}
    client.post(reverse("account_complete_password_reset"), chosen)
    unowned.refresh_from_db()
    assert unowned.check_password("another violin upstairs")
    assert not Authenticator.objects.exists()


def test_the_account_with_which_the_owner_signs_up_stays(
    client: Client, come_back: ComeBack, read_code: ReadCode
) -> None:
    come_back(client, "microsoft", ADDRESS, name="Dora")
    confirm_address(client, read_code(ADDRESS))
    assert is_signed_in(client)
    assert (ways_in(), User.objects.get().name) == (["microsoft"], "Dora")


def test_a_second_microsoft_account_with_the_address_opens_nothing(
    client: Client, squatter: Client, come_back: ComeBack
) -> None:
    come_back(client, "microsoft", ADDRESS, subject="dora")
    assert not is_signed_in(client)
    assert SocialAccount.objects.get().uid == "mallory"


def test_who_has_the_second_microsoft_account_and_the_address_gets_the_account(
    client: Client, squatter: Client, come_back: ComeBack, read_code: ReadCode
) -> None:
    come_back(client, "microsoft", ADDRESS, subject="dora")
    other = Client()
    sign_in_by_code(other, read_code)
    assert is_signed_in(other)
    assert ways_in() == []


def test_microsoft_opens_nothing_after_google(client: Client, come_back: ComeBack) -> None:
    come_back(client, "google", ADDRESS)
    squatter = Client()
    come_back(squatter, "microsoft", ADDRESS)
    assert not is_signed_in(squatter)
    assert ways_in() == ["google"]


def test_an_unverified_google_account_loses_to_a_verified_one(client: Client, come_back: ComeBack) -> None:
    come_back(Client(), "google", ADDRESS, email_verified="", subject="mallory")
    come_back(client, "google", ADDRESS, subject="dora")
    assert is_signed_in(client)
    assert SocialAccount.objects.get().uid == "dora"


def test_everything_that_was_there_before_goes(client: Client, unowned: User, read_code: ReadCode) -> None:
    sign_in_by_code(client, read_code)
    unowned.refresh_from_db()
    assert is_signed_in(client)
    assert not unowned.has_usable_password()
    assert not Authenticator.objects.exists()
    assert not ApiKey.objects.get().is_usable
    assert AuditEntry.objects.get(action=AuditAction.OTHER_ACCESS_REMOVED).note == "totp, key, password"


def test_sessions_end_that_are_in_no_list(client: Client, unowned: User, read_code: ReadCode) -> None:
    squatter = Client()
    squatter.force_login(unowned)
    sign_in_by_code(client, read_code)
    assert is_signed_in(client)
    assert not is_signed_in(squatter)


def test_a_session_in_which_the_code_is_entered_stays(client: Client, unowned: User, read_code: ReadCode) -> None:
    client.force_login(unowned)
    client.post(reverse("account_email"), {"action_send": "", "email": ADDRESS})
    confirm_address(client, read_code(ADDRESS))
    assert is_signed_in(client)
    assert not Authenticator.objects.exists()


def test_the_password_with_which_the_owner_signs_in_stays(client: Client, read_code: ReadCode) -> None:
    user = User.objects.create_user(ADDRESS, PASSWORD)
    client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    confirm_address(client, read_code(ADDRESS))
    user.refresh_from_db()
    assert is_signed_in(client)
    assert user.check_password(PASSWORD)


def test_an_owner_who_changes_the_address_loses_nothing(
    client: Client, come_back: ComeBack, read_code: ReadCode
) -> None:
    come_back(client, "google", ADDRESS)
    client.post(reverse("account_email"), {"action_add": "", "email": "dora@example.com"})
    user = User.objects.get()
    api_keys.create(user, "own")
    TOTP.activate(user, generate_totp_secret())
    confirm_address(client, read_code("dora@example.com"))
    assert EmailAddress.objects.get().email == "dora@example.com"
    assert is_signed_in(client)
    assert ways_in() == ["google"]
    assert ApiKey.objects.get().is_usable
    assert Authenticator.objects.exists()


def test_who_confirms_from_outside_has_the_account_alone(client: Client, bob: User, read_code: ReadCode) -> None:
    """Bob's account names Dora's address, whoever put it there; she comes by code."""
    EmailAddress.objects.create(user=bob, email=ADDRESS)
    SocialAccount.objects.create(user=bob, provider="microsoft", uid="bob")
    sign_in_by_code(client, read_code)
    assert ways_in() == []
    assert EmailAddress.objects.get().email == ADDRESS
