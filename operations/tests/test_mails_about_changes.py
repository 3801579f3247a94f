"""The owner of an account is mailed about what an operator did to it, and it is in the security trail."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from operations.tests.test_admin_users import booking, credits_url
from operations.tests.test_powers import NEW, appoint, change, password_page, reset_url
from tests.cast import Do, make_person

pytestmark = pytest.mark.any_database


def entry() -> AuditEntry:
    return AuditEntry.objects.get()


def test_a_reset_mail_leads_to_the_page_that_mails_a_code(
    do: Do, olgas: Client, olga: User, alice: User, mailoutbox: list[Any], settings: Any
) -> None:
    do(olgas.post, reset_url(alice))
    (mail,) = mailoutbox
    assert mail.to == [alice.email]
    assert settings.SITE_URL + reverse("account_reset_password") in mail.body
    assert (entry().action, entry().user, entry().actor) == (AuditAction.PASSWORD_RESET_MAILED, alice, olga)


def test_a_new_role_is_recorded_and_mailed(do: Do, olgas: Client, alice: User, mailoutbox: list[Any]) -> None:
    do(appoint, olgas, alice, "Support")
    assert entry().note == "+is_staff; +groups:Support"
    assert "You can use the admin." in mailoutbox[0].body


def test_a_role_that_they_have_is_no_change(do: Do, olgas: Client, alice: User, mailoutbox: list[Any]) -> None:
    for _ in range(2):
        do(appoint, olgas, alice, "Support")
    assert len(mailoutbox) == AuditEntry.objects.count() == 1


def test_a_name_is_no_matter_of_powers(do: Do, olgas: Client, alice: User, mailoutbox: list[Any]) -> None:
    assert do(change, olgas, alice, name="Alicia").name == "Alicia"
    assert mailoutbox == []
    assert not AuditEntry.objects.exists()


def test_a_new_password_of_an_operator_is_recorded_and_emailed(
    do: Do, olgas: Client, db: None, mailoutbox: list[Any]
) -> None:
    oscar = make_person("Oscar", is_staff=True)
    do(olgas.post, password_page(oscar), NEW)
    assert mailoutbox[0].to == [oscar.email]
    assert (entry().action, entry().user) == (AuditAction.PASSWORD_CHANGED, oscar)


def test_a_password_that_was_refused_is_no_change(do: Do, olgas: Client, db: None, mailoutbox: list[Any]) -> None:
    do(olgas.post, password_page(make_person("Oscar", is_staff=True)), {**NEW, "password2": "another"})
    assert mailoutbox == []


def test_removing_a_factor_is_recorded_and_emailed(
    do: Do, olgas: Client, olga: User, alice: User, mailoutbox: list[Any]
) -> None:
    factor = Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={})
    do(olgas.post, reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})
    assert mailoutbox[0].to == [alice.email]
    assert (entry().action, entry().user, entry().actor) == (AuditAction.FACTOR_REMOVED, alice, olga)


def test_the_emails_name_what_changed_in_the_customers_language(
    do: Do, olgas: Client, alice: User, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=alice.pk).update(language="es")
    do(appoint, olgas, alice, "Support")
    factor = Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={})
    do(olgas.post, reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})
    roles_changed, factor_removed = mailoutbox
    assert "Puedes usar la administración." in roles_changed.body
    assert "- aplicación de autenticación" in factor_removed.body


def test_several_at_once_are_one_mail_for_each_owner(
    do: Do, olgas: Client, alice: User, bob: User, mailoutbox: list[Any]
) -> None:
    kinds = Authenticator.Type
    owned = ((alice, kinds.TOTP), (alice, kinds.RECOVERY_CODES), (bob, kinds.TOTP))
    factors = [Authenticator.objects.create(user=user, type=kind, data={}) for user, kind in owned]
    chosen = {"action": "delete_selected", "_selected_action": [factor.pk for factor in factors], "post": "yes"}
    do(olgas.post, reverse("admin:mfa_authenticator_changelist"), chosen)
    assert sorted(mail.to[0] for mail in mailoutbox) == [alice.email, bob.email]
    assert AuditEntry.objects.filter(action=AuditAction.FACTOR_REMOVED).count() == 3


def test_credits_are_mailed_with_their_reason(
    do: Do, olgas: Client, alice: User, bob: User, mailoutbox: list[Any]
) -> None:
    form = booking(1_500, "sorry for the delay")
    for _ in range(2):
        do(olgas.post, credits_url(alice, bob), form)
    assert sorted(mail.to[0] for mail in mailoutbox) == [alice.email, bob.email]
    assert mailoutbox[0].subject == "We’ve added 1,500 credits to your account"
    assert "Reason: sorry for the delay" in mailoutbox[0].body


def test_a_credit_that_is_taken_is_mailed(do: Do, olgas: Client, bob: User, mailoutbox: list[Any]) -> None:
    do(olgas.post, credits_url(bob), booking(-1))
    assert mailoutbox[0].subject == "We’ve removed 1 credit from your account"
