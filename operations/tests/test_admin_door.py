"""The admin demands a second factor where it is told to; accounts/tests/test_admin_door.py has the sign-in itself."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import SignedIn

INDEX = reverse("admin:index")


def test_a_visitor_is_sent_to_the_sites_own_door(client: Client, db: None) -> None:
    response = client.get(reverse("admin:accounts_user_changelist"), follow=True)
    address, _ = response.redirect_chain[-1]
    assert address.startswith(reverse("account_login"))
    assert "next=" in address


def test_an_operator_comes_in_on_a_local_clone(signed_in: SignedIn, olga: User) -> None:
    assert signed_in(olga).get(INDEX).status_code == 200


def test_an_operator_without_a_second_factor_is_sent_to_add_one(signed_in: SignedIn, olga: User, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    first = signed_in(olga).get(INDEX)
    second = signed_in(olga).get(first.url)
    assert second.url == reverse("mfa_index")


def test_an_operator_with_a_second_factor_comes_in(signed_in: SignedIn, olga: User, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    Authenticator.objects.create(user=olga, type=Authenticator.Type.TOTP, data={})
    assert signed_in(olga).get(INDEX).status_code == 200


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_door_leads_nowhere_else(signed_in: SignedIn, olga: User, next_url: str) -> None:
    response = signed_in(olga).get(reverse("admin:login"), {"next": next_url})
    assert response.url == INDEX
