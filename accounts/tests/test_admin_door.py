"""The admin has no door of its own: operators come through the site's, second step included."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.conftest import ReadCode


@pytest.mark.django_db
def test_the_admins_login_sends_to_ours(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/").url == f"{reverse('account_login')}?next=%2Fadmin%2F"


def test_a_password_posted_to_the_admin_opens_nothing(client: Client, olga: User) -> None:
    olga.set_password("a violin under the stairs")
    olga.save(update_fields=["password"])
    client.post("/admin/login/", {"username": olga.email, "password": "a violin under the stairs"})
    assert client.get("/admin/").status_code == 302


def test_the_second_step_is_asked_of_operators(client: Client, olga: User, read_code: ReadCode) -> None:
    TOTP.activate(olga, generate_totp_secret())
    client.post(reverse("account_login"), {"login": olga.email, "password": "", "next": "/admin/"})
    answer = client.post(reverse("account_confirm_login_code"), {"code": read_code(olga.email)})
    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert client.get("/admin/").status_code == 302


def test_a_customer_is_refused(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get("/admin/login/").status_code == 403
