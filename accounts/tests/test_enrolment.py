"""An operator's first second factor: only with an invitation, and never by a session that was left open."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.mfa import enrolment
from accounts.models import User
from tests.cast import SignedIn, digits, make_person

ACTIVATE = reverse("mfa_activate_totp")
INDEX = reverse("admin:index")


@pytest.fixture(autouse=True)
def public_site(settings: Any) -> None:
    """A site whose admin demands a second factor."""
    settings.ADMIN_REQUIRES_MFA = True


@pytest.fixture
def olgas(just_signed_in: SignedIn, olga: User) -> Client:
    """A browser in which Olga signed in a moment ago, without a second factor."""
    return just_signed_in(olga)


def path_of(link: str) -> str:
    return urlsplit(link).path


@pytest.mark.parametrize("url", [ACTIVATE, reverse("mfa_add_webauthn")])
def test_an_operator_without_an_invitation_adds_no_factor(url: str, olgas: Client) -> None:
    for answer in (olgas.get(url), olgas.post(url, {"code": "123456"})):
        assert answer.status_code == 403
        assert "manage.py invite_operator olga@example.org" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_admin_says_how_to_get_an_invitation(olgas: Client) -> None:
    answer = olgas.get(olgas.get(INDEX).url)
    assert answer.status_code == 403
    assert "Ask for an invitation" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_invited_operator_adds_a_factor_presents_it_and_comes_in(olgas: Client, olga: User) -> None:
    assert olgas.post(path_of(enrolment.invite(olga, actor=None))).url == reverse("mfa_index")
    secret = olgas.get(ACTIVATE).context["form"].secret
    olgas.post(ACTIVATE, {"code": digits(secret)})
    asked = olgas.get(olgas.get(INDEX).url).url
    assert asked == reverse("mfa_reauthenticate", query={"next": INDEX})
    # Django's test client may post within the half minute in which the first code is refused as used.
    recovery = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()[0]
    assert olgas.post(asked, {"code": recovery}).url == INDEX
    assert olgas.get(INDEX).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_adding_a_factor_does_not_present_it(olgas: Client, olga: User) -> None:
    olgas.post(path_of(enrolment.invite(olga, actor=None)))
    secret = olgas.get(ACTIVATE).context["form"].secret
    olgas.post(ACTIVATE, {"code": digits(secret)})
    assert olgas.get(INDEX).status_code == 302


def test_looking_at_the_link_does_not_use_it_up(olgas: Client, olga: User) -> None:
    link = path_of(enrolment.invite(olga, actor=None))
    assert olgas.get(link).status_code == 200
    assert olgas.post(link).status_code == 302


def test_a_link_works_once(olgas: Client, olga: User) -> None:
    link = path_of(enrolment.invite(olga, actor=None))
    olgas.post(link)
    assert olgas.post(link).status_code == 404


def test_a_link_is_good_for_its_own_operator_only(olgas: Client) -> None:
    link = path_of(enrolment.invite(make_person("Otto", is_staff=True), actor=None))
    assert olgas.post(link).status_code == 404
    assert olgas.get(ACTIVATE).status_code == 403


def test_an_invitation_lasts_an_hour_in_its_session(olgas: Client, olga: User) -> None:
    olgas.post(path_of(enrolment.invite(olga, actor=None)))
    session = olgas.session
    session["enrolment_invited_at"] -= enrolment.SESSION_MAY_ENROL_FOR_SECONDS + 1
    session.save()
    assert olgas.get(ACTIVATE).status_code == 403


def test_a_customer_needs_no_invitation(just_signed_in: SignedIn, bob: User) -> None:
    assert just_signed_in(bob).get(ACTIVATE).status_code == 200


def test_an_operator_with_a_factor_adds_another_by_presenting_the_first(olgas: Client, olga: User) -> None:
    TOTP.activate(olga, secret := generate_totp_secret())
    asked = olgas.get(reverse("mfa_add_webauthn")).url
    assert asked.startswith(reverse("mfa_reauthenticate"))
    olgas.post(asked, {"code": digits(secret)})
    assert olgas.get(reverse("mfa_add_webauthn")).status_code == 200


def test_the_command_prints_the_link_alone(olgas: Client, olga: User, capsys: Any, settings: Any) -> None:
    call_command("invite_operator", olga.email)
    link = capsys.readouterr().out.strip()
    assert link.startswith(f"{settings.SITE_URL}/account/enrolment/")
    assert olgas.get(path_of(link)).status_code == 200


@pytest.mark.parametrize(
    ("email", "words"), [("nobody@example.org", "no user"), ("bob@example.org", "is not an operator")]
)
def test_the_command_refuses_who_is_no_operator(email: str, words: str, bob: User) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("invite_operator", email)
