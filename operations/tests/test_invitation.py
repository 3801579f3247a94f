"""An operator with a second factor invites another one to set up theirs."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from tests.cast import SignedIn, make_person

pytestmark = pytest.mark.any_database


@pytest.fixture
def otto(db: None) -> User:
    """Otto, an operator without a second factor."""
    return make_person("Otto", is_staff=True)


def url(user: User) -> str:
    return reverse("admin:accounts_user_invitation", args=[user.pk])


def test_the_link_is_mailed_and_opens_for_its_operator(
    olgas: Client, otto: User, signed_in: SignedIn, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        olgas.post(url(otto))
    assert mailoutbox[0].to == [otto.email]
    link = re.search(r"https?://[^/]+(/account/enrolment/\S+)", mailoutbox[0].body)[1]
    assert signed_in(otto).post(link).url == reverse("mfa_index")


def test_the_invitation_is_in_the_security_trail(olgas: Client, otto: User, olga: User) -> None:
    olgas.post(url(otto))
    entry = AuditEntry.objects.get(action=AuditAction.FACTOR_INVITED)
    assert (entry.user, entry.actor) == (otto, olga)


def is_invited(user: User) -> bool:
    return AuditEntry.objects.filter(user=user, action=AuditAction.FACTOR_INVITED).exists()


def test_an_operator_who_has_a_factor_is_not_invited(olgas: Client, otto: User) -> None:
    TOTP.activate(otto, generate_totp_secret())
    olgas.post(url(otto))
    assert not is_invited(otto)


def test_a_customer_is_not_invited(olgas: Client, bob: User) -> None:
    olgas.post(url(bob))
    assert not is_invited(bob)


def test_only_owners_invite(signed_in: SignedIn, otto: User) -> None:
    assert signed_in(otto).post(url(otto)).status_code == 403
    assert not is_invited(otto)
