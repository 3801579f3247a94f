"""The admin requires a second factor if the settings say so. The sign-in is in accounts/tests/test_admin_door.py."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import SignedIn, digits

pytestmark = pytest.mark.any_database

INDEX = reverse("admin:index")
LIST = reverse("admin:accounts_user_changelist")
SECRET = generate_totp_secret()


def test_a_visitor_is_sent_to_the_sites_own_door(client: Client, db: None) -> None:
    response = client.get(reverse("admin:accounts_user_changelist"), follow=True)
    address, _ = response.redirect_chain[-1]
    assert address.startswith(reverse("account_login"))
    assert "next=" in address


def test_an_operator_comes_in_on_a_local_clone(signed_in: SignedIn, olga: User) -> None:
    assert signed_in(olga).get(INDEX).status_code == 200


@pytest.fixture
def guarded(signed_in: SignedIn, olga: User, settings: Any) -> Client:
    """Olga's browser on a site that demands a second factor; she has got one since she signed in."""
    settings.ADMIN_REQUIRES_MFA = True
    TOTP.activate(olga, SECRET)
    return signed_in(olga)


def test_a_session_from_before_the_second_factor_must_take_it_and_then_comes_in(guarded: Client) -> None:
    door = guarded.get(LIST).url
    asked = guarded.get(door).url
    assert asked == reverse("mfa_reauthenticate", query={"next": LIST})
    assert guarded.post(asked, {"code": digits(SECRET)}).url == LIST
    assert guarded.get(LIST).status_code == 200


def test_a_code_by_mail_or_a_password_is_no_second_factor(guarded: Client, olga: User) -> None:
    olga.set_password("a violin under the stairs")
    olga.save(update_fields=["password"])
    guarded.force_login(olga)
    guarded.post(reverse("account_reauthenticate"), {"password": "a violin under the stairs"})
    assert guarded.get(INDEX).status_code == 302


def test_who_has_a_key_only_is_asked_for_the_key(signed_in: SignedIn, olga: User, settings: Any) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    Authenticator.objects.create(user=olga, type=Authenticator.Type.WEBAUTHN, data={})
    answer = signed_in(olga).get(reverse("admin:login"), {"next": LIST})
    assert answer.url == reverse("mfa_reauthenticate_webauthn", query={"next": LIST})


def test_an_operator_whose_factor_was_removed_is_out(guarded: Client, olga: User) -> None:
    guarded.post(reverse("mfa_reauthenticate"), {"code": digits(SECRET)})
    Authenticator.objects.filter(user=olga).delete()
    assert guarded.get(guarded.get(INDEX).url).status_code == 403


def test_a_factor_that_replaced_the_presented_one_is_no_proof(guarded: Client, olga: User) -> None:
    guarded.post(reverse("mfa_reauthenticate"), {"code": digits(SECRET)})
    Authenticator.objects.filter(user=olga).delete()
    TOTP.activate(olga, generate_totp_secret())
    assert guarded.get(INDEX).status_code == 302


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_door_leads_nowhere_else(signed_in: SignedIn, olga: User, next_url: str) -> None:
    response = signed_in(olga).get(reverse("admin:login"), {"next": next_url})
    assert response.url == INDEX


def test_signing_out_of_the_admin_leads_to_the_page_that_offers_to_delete_images(
    olga: User, signed_in: SignedIn
) -> None:
    answer = signed_in(olga).post(reverse("admin:logout"))
    assert answer.url == reverse("account_logout")
