"""What operators may do to each other's accounts and to customers', and that the users learn of it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from tests.cast import SignedIn, make_person

PASSWORD = "a violin under the stairs"
NEW = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": "1"}


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def password_page(user: User) -> str:
    return reverse("admin:auth_user_password_change", args=[user.pk])


def reset_url(user: User) -> str:
    return reverse("admin:accounts_user_password_reset", args=[user.pk])


def form_of(client: Client, user: User) -> dict[str, Any]:
    """Return what the browser would send if nothing was changed."""
    form = client.get(page_of(user)).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent = {name: "on" if value is True else value for name, value in values.items() if value not in (False, None)}
    inline = "emailaddress_set"
    return sent | {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}


def change(client: Client, user: User, **changes: Any) -> User:
    sent = form_of(client, user) | changes
    client.post(page_of(user), {name: value for name, value in sent.items() if value is not None})
    return User.objects.get(pk=user.pk)


@pytest.fixture
def olgas(signed_in: SignedIn, olga: User) -> Client:
    return signed_in(olga)


@pytest.fixture
def junior(db: None) -> User:
    """An operator with every permission on people, who is no superuser."""
    user = make_person("Junior", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return user


@pytest.fixture
def juniors(signed_in: SignedIn, junior: User) -> Client:
    return signed_in(junior)


@pytest.fixture
def oscar(db: None) -> User:
    """Another operator without all permissions."""
    return make_person("Oscar", is_staff=True)


# Operators' accounts


def test_only_superusers_change_an_operators_account(juniors: Client, oscar: User) -> None:
    assert juniors.get(page_of(oscar)).status_code == 200
    assert juniors.post(page_of(oscar), {"name": "x"}).status_code == 403
    oscar.refresh_from_db()
    assert oscar.is_active


def test_not_even_their_own(juniors: Client, junior: User) -> None:
    assert juniors.post(page_of(junior), {"name": "x", "is_superuser": "on"}).status_code == 403


def test_only_superusers_set_an_operators_password(juniors: Client, olgas: Client, oscar: User) -> None:
    assert juniors.get(password_page(oscar)).status_code == 403
    assert juniors.post(password_page(oscar), NEW).status_code == 403
    olgas.post(password_page(oscar), NEW)
    oscar.refresh_from_db()
    assert oscar.check_password(PASSWORD)


def test_ones_own_password_is_changed_where_the_site_asks_who_one_is(olgas: Client, olga: User) -> None:
    assert olgas.post(password_page(olga), NEW).url == reverse("account_change_password")
    olga.refresh_from_db()
    assert not olga.check_password(PASSWORD)


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_only_superusers_make_operators(juniors: Client, alice: User, power: str) -> None:
    changed = change(juniors, alice, name="Alicia", **{power: "on"})
    assert changed.name == "Alicia"
    assert not changed.is_staff
    assert not changed.is_superuser


def test_only_superusers_change_a_group(juniors: Client, olgas: Client) -> None:
    group = Group.objects.create(name="Support")
    url = reverse("admin:auth_group_change", args=[group.pk])
    permission = Permission.objects.first()
    for browser, count in ((juniors, 0), (olgas, 1)):
        browser.post(url, {"name": "Support", "permissions": [permission.pk]})
        assert group.permissions.count() == count
    assert AuditEntry.objects.get(action=AuditAction.ROLE_CHANGED).subject == "Support"


@pytest.mark.parametrize("action", ["add", "delete"])
def test_only_superusers_add_and_delete_groups(juniors: Client, action: str) -> None:
    group = Group.objects.create(name="Support")
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
def test_only_superusers_take_an_operators_ways_in_away(
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
