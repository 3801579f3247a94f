"""API keys in the admin: found, ended, and never shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import ApiKey, AuditEntry, User
from tests.cast import SignedIn, make_person

LIST = "/admin/accounts/apikey/"


@pytest.fixture
def key(alice: User) -> ApiKey:
    return api_keys.create(alice, "Printer")[0]


def names(client: Client, **query: str) -> set[str]:
    return {key.name for key in client.get(LIST, query).context["cl"].result_list}


def make_operator(name: str, role: str) -> User:
    operator = make_person(name, is_staff=True)
    operator.groups.add(Group.objects.get(name=role))
    return operator


def revoke(client: Client, *keys: ApiKey) -> Any:
    return client.post(LIST, {"action": "revoke", "_selected_action": [key.pk for key in keys]}, follow=True)


def test_keys_are_found_by_state_owner_and_id(olgas: Client, alice: User, bob: User, key: ApiKey) -> None:
    api_keys.create(bob, "late", expires_at=timezone.now() - timedelta(days=1))
    api_keys.create(bob, "gone")[0].revoke(bob)
    states = {state: names(olgas, state=state) for state in ("usable", "expired", "revoked")}
    assert states == {"usable": {"Printer"}, "expired": {"late"}, "revoked": {"gone"}}
    assert names(olgas, q=alice.email) == names(olgas, q=key.public_id) == {"Printer"}


def test_an_operator_ends_keys_and_is_on_record(olgas: Client, olga: User, alice: User, key: ApiKey) -> None:
    other, _ = api_keys.create(alice, "other")
    other.revoke(alice)
    assert "1 key revoked." in revoke(olgas, key, other).content.decode()
    assert not ApiKey.objects.get(pk=key.pk).is_usable
    assert AuditEntry.objects.get(subject=key.public_id, action="key_revoked").actor == olga


def test_who_may_only_look_cannot_end_them(signed_in: SignedIn, key: ApiKey) -> None:
    guest = make_person("Gustav", is_staff=True)
    guest.user_permissions.add(Permission.objects.get(content_type__app_label="accounts", codename="view_apikey"))
    revoke(signed_in(guest), key)
    assert ApiKey.objects.get(pk=key.pk).is_usable


def test_only_owners_end_the_keys_of_operators(signed_in: SignedIn, key: ApiKey) -> None:
    susan = make_operator("Susan", "Support")
    oonas_key, _ = api_keys.create(make_operator("Oona", "Owner"), "shop")
    assert "1 key revoked." in revoke(signed_in(susan), key, oonas_key).content.decode()
    assert ApiKey.objects.get(pk=oonas_key.pk).is_usable


def test_only_superusers_end_the_keys_of_superusers(signed_in: SignedIn, olga: User) -> None:
    oona, susan = make_operator("Oona", "Owner"), make_operator("Susan", "Support")
    susans_key, _ = api_keys.create(susan, "her own")
    olgas_key, _ = api_keys.create(olga, "shop")
    assert "1 key revoked." in revoke(signed_in(oona), susans_key, olgas_key).content.decode()
    assert ApiKey.objects.get(pk=olgas_key.pk).is_usable


def test_the_hash_is_never_shown(olgas: Client, key: ApiKey) -> None:
    pages = [LIST, reverse("admin:accounts_apikey_change", args=[key.pk])]
    assert [key.secret_sha256 in olgas.get(page).content.decode() for page in pages] == [False, False]


@pytest.mark.parametrize("model", ["apikey", "auditentry", "keyusageday"])
def test_nothing_of_it_is_added_by_hand(olgas: Client, model: str) -> None:
    assert olgas.get(f"/admin/accounts/{model}/add/").status_code == 403
