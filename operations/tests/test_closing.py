"""Operators close an account, as customers can do themselves, and keep it if it was a mistake."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditAction, AuditEntry, User
from operations.customers import suspension
from tests.cast import SignedIn, make_person


@pytest.fixture
def support(db: None) -> User:
    user = make_person("Sue", is_staff=True)
    user.groups.add(Group.objects.get(name="Support"))
    return user


@pytest.fixture
def sues(signed_in: SignedIn, support: User) -> Client:
    return signed_in(support)


def act(client: Client, name: str, user: User) -> str:
    return client.post(reverse(f"admin:accounts_user_{name}", args=[user.pk]), follow=True).content.decode()


def test_an_account_is_closed_and_will_be_deleted(sues: Client, support: User, alice: User) -> None:
    assert "will be deleted on" in act(sues, "close", alice)
    alice.refresh_from_db()
    assert alice.delete_at > timezone.now()
    entry = AuditEntry.objects.get(action=AuditAction.DELETION_REQUESTED)
    assert (entry.user, entry.actor) == (alice, support)


def test_a_closed_account_can_be_kept(sues: Client, alice: User) -> None:
    act(sues, "close", alice)
    assert "will be deleted on" not in act(sues, "keep", alice)
    alice.refresh_from_db()
    assert alice.delete_at is None


def test_the_page_says_what_will_happen_before(sues: Client, alice: User) -> None:
    page = sues.get(reverse("admin:accounts_user_close", args=[alice.pk])).content.decode()
    assert "After 7 days everything is deleted." in page
    alice.refresh_from_db()
    assert alice.delete_at is None


def test_a_deleted_account_is_left_alone(sues: Client, olga: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(erased_at=timezone.now(), is_active=False)
    for name in ("lift", "suspend", "close", "keep", "sign_out"):
        assert sues.post(reverse(f"admin:accounts_user_{name}", args=[alice.pk])).status_code == 403
    assert not suspension.lift(alice, actor=olga)
    assert (
        "Lift the suspension" not in sues.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    )
