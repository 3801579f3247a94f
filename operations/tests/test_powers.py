"""What operators may do to each other's accounts and to customers', and that the users learn of it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditAction, AuditEntry, User
from operations.customers import roles
from operations.customers.forms import PersonForm, RolesForm
from tests.cast import SignedIn, make_person

pytestmark = pytest.mark.any_database

PASSWORD = "a violin under the stairs"
NEW = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": "1"}


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def password_page(user: User) -> str:
    return reverse("admin:auth_user_password_change", args=[user.pk])


def reset_url(user: User) -> str:
    return reverse("admin:accounts_user_password_reset", args=[user.pk])


def change(client: Client, user: User, **changes: Any) -> User:
    """Send the form of the user's page."""
    page = client.get(page_of(user))
    forms = {inline.formset.prefix: inline.formset for inline in page.context["inline_admin_formsets"]}
    sent = {f"{prefix}-{name}_FORMS": 0 for prefix in forms for name in ("TOTAL", "INITIAL")}
    client.post(page_of(user), {"name": user.name, **sent, **changes})
    return User.objects.get(pk=user.pk)


def roles_page(user: User) -> str:
    return reverse("admin:accounts_user_roles", args=[user.pk])


def appoint(client: Client, user: User, *names: str) -> int:
    """Give the user these roles; return the status of the answer."""
    groups = [Group.objects.get(name=name).pk for name in names]
    return client.post(roles_page(user), {"groups": groups}).status_code


@pytest.fixture
def junior(db: None) -> User:
    """An operator of every role but the owner's."""
    user = make_person("Junior", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles.ROLES))
    return user


@pytest.fixture
def owner(db: None) -> User:
    user = make_person("Oona", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.OWNER))
    return user


@pytest.fixture
def juniors(signed_in: SignedIn, junior: User) -> Client:
    return signed_in(junior)


@pytest.fixture
def oscar(db: None) -> User:
    """Another operator without all permissions."""
    return make_person("Oscar", is_staff=True)


# Operators' accounts


def test_only_owners_change_an_operators_account(juniors: Client, oscar: User) -> None:
    assert juniors.get(page_of(oscar)).status_code == 200
    assert juniors.post(page_of(oscar), {"name": "x"}).status_code == 403
    oscar.refresh_from_db()
    assert oscar.is_active


def test_operators_cannot_change_their_own_account(juniors: Client, junior: User) -> None:
    assert juniors.post(page_of(junior), {"name": "x", "is_superuser": "on"}).status_code == 403


def test_only_owners_set_an_operators_password(juniors: Client, olgas: Client, oscar: User) -> None:
    assert juniors.get(password_page(oscar)).status_code == 403
    assert juniors.post(password_page(oscar), NEW).status_code == 403
    olgas.post(password_page(oscar), NEW)
    oscar.refresh_from_db()
    assert oscar.check_password(PASSWORD)


def test_ones_own_password_is_changed_where_the_site_asks_who_one_is(olgas: Client, olga: User) -> None:
    assert olgas.post(password_page(olga), NEW).url == reverse("account_change_password")
    olga.refresh_from_db()
    assert not olga.check_password(PASSWORD)


def test_the_form_of_a_user_makes_nobody_an_operator(juniors: Client, olgas: Client, alice: User) -> None:
    group = Group.objects.get(name=roles.OWNER)
    for browser in (juniors, olgas):
        changed = change(browser, alice, name="Alicia", is_staff="on", is_superuser="on", groups=[group.pk])
        assert (changed.name, changed.is_staff, changed.is_superuser) == ("Alicia", False, False)
        assert not changed.groups.exists()


def test_only_owners_appoint_operators(juniors: Client, signed_in: SignedIn, owner: User, alice: User) -> None:
    assert appoint(juniors, alice, "Support") == 403
    assert appoint(signed_in(owner), alice, "Support", "Finance") == 302
    alice.refresh_from_db()
    assert alice.is_staff
    assert roles.names_of(alice) == ["Finance", "Support"]
    with translation.override("es"):
        assert roles.names_of(alice) == ["Finanzas", "Soporte"]
        assert "Finanzas" in str(RolesForm()["groups"])
    assert alice.has_perm("batches.change_batch")
    assert not alice.has_perm("auth.change_group")


def test_the_page_of_a_user_leads_to_the_roles_and_shows_them(olgas: Client, alice: User) -> None:
    before = olgas.get(page_of(alice)).content.decode()
    appoint(olgas, alice, "Support")
    assert roles_page(alice) in before
    assert "Support" not in before
    assert "Support" in olgas.get(page_of(alice)).content.decode()


def test_a_new_name_undoes_nothing_that_the_user_changes_at_the_same_time(
    olgas: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clean(_form: PersonForm) -> None:
        User.objects.filter(pk=alice.pk).update(session_generation=7)

    monkeypatch.setattr(PersonForm, "clean", clean)
    changed = change(olgas, alice, name="Alicia")
    assert (changed.name, changed.session_generation) == ("Alicia", 7)


def test_without_roles_an_operator_is_a_customer_again(olgas: Client, junior: User) -> None:
    appoint(olgas, junior)
    junior.refresh_from_db()
    assert (junior.is_staff, junior.groups.count()) == (False, 0)


def test_nobody_changes_their_own_roles(juniors: Client, junior: User, signed_in: SignedIn, owner: User) -> None:
    assert appoint(juniors, junior, roles.OWNER) == 403
    assert appoint(signed_in(owner), owner) == 403
    assert owner.groups.exists()


def test_owners_leave_superusers_alone(signed_in: SignedIn, owner: User, olga: User) -> None:
    assert appoint(signed_in(owner), olga) == 403
    assert signed_in(owner).post(page_of(olga), {"name": "x"}).status_code == 403
    assert signed_in(owner).post(password_page(olga), NEW).status_code == 403


def test_only_owners_change_a_group(juniors: Client, olgas: Client) -> None:
    group = Group.objects.create(name="Interns")
    url = reverse("admin:auth_group_change", args=[group.pk])
    permission = Permission.objects.first()
    for browser, count in ((juniors, 0), (olgas, 1)):
        browser.post(url, {"name": "Interns", "permissions": [permission.pk]})
        assert group.permissions.count() == count
    assert AuditEntry.objects.get(action=AuditAction.ROLE_CHANGED).subject == "Interns"


@pytest.mark.parametrize("action", ["add", "delete"])
def test_only_owners_add_and_delete_groups(juniors: Client, action: str) -> None:
    group = Group.objects.create(name="Interns")
    args = [group.pk] if action == "delete" else []
    assert juniors.get(reverse(f"admin:auth_group_{action}", args=args)).status_code == 403


def ways_in(user: User) -> list[Any]:
    return [
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={}),
        SocialAccount.objects.create(user=user, provider="google", uid=str(user.pk)),
        UserSession.objects.create(user=user, ip="127.0.0.1", user_agent="x", session_key=str(user.pk)),
    ]


def delete_url(way_in: Any) -> str:
    return reverse(f"admin:{way_in._meta.app_label}_{way_in._meta.model_name}_delete", args=[way_in.pk])


@pytest.mark.parametrize("number", [0, 1, 2], ids=["authenticator", "socialaccount", "usersession"])
def test_only_owners_take_an_operators_ways_in_away(
    juniors: Client, olgas: Client, oscar: User, alice: User, number: int
) -> None:
    of_oscar, of_alice = ways_in(oscar)[number], ways_in(alice)[number]
    rows = type(of_oscar).objects.filter(pk__in=[of_oscar.pk, of_alice.pk])
    assert juniors.post(delete_url(of_oscar), {"post": "yes"}).status_code == 403
    assert juniors.post(delete_url(of_alice), {"post": "yes"}).status_code == 302
    assert rows.get() == of_oscar
    assert olgas.post(delete_url(of_oscar), {"post": "yes"}).status_code == 302
    assert not rows.exists()


def test_the_list_takes_away_no_more_than_the_page(juniors: Client, oscar: User) -> None:
    factor, *_others = ways_in(oscar)
    chosen = {"action": "delete_selected", "_selected_action": [factor.pk], "post": "yes"}
    juniors.post(reverse("admin:mfa_authenticator_changelist"), chosen)
    assert Authenticator.objects.filter(pk=factor.pk).exists()


# Customers' accounts


def test_nobody_sets_a_customers_password(olgas: Client, juniors: Client, alice: User) -> None:
    for browser in (olgas, juniors):
        assert browser.get(password_page(alice)).status_code == 403
        assert browser.post(password_page(alice), NEW).status_code == 403
    alice.refresh_from_db()
    assert not alice.has_usable_password()


def test_no_page_shows_a_customers_hash_or_a_link_to_a_new_password(olgas: Client, alice: User) -> None:
    alice.set_password(PASSWORD)
    alice.save(update_fields=["password"])
    page = olgas.get(page_of(alice)).content.decode()
    assert "../password/" not in page
    assert alice.password.split("$")[0] not in page


def test_the_button_for_it_is_on_the_page(juniors: Client, alice: User, oscar: User) -> None:
    assert reset_url(alice) in juniors.get(page_of(alice)).content.decode()
    assert reset_url(oscar) not in juniors.get(page_of(oscar)).content.decode()


def test_a_reset_mail_needs_a_post_and_the_permission(
    juniors: Client, alice: User, oscar: User, mailoutbox: list[Any]
) -> None:
    assert juniors.get(reset_url(alice)).status_code == 403
    assert juniors.post(reset_url(oscar)).status_code == 403
    assert mailoutbox == []


# What migrate writes


def test_the_roles_are_written_after_a_migration(db: None) -> None:
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    support = Group.objects.get(name="Support").permissions.values_list("content_type__app_label", "codename")
    assert {f"{app}.{name}" for app, name in support} == set(roles.ROLES["Support"].split())
    assert Group.objects.get(name=roles.OWNER).permissions.count() == Permission.objects.count()
