"""What a customer sees and presses to delete the account, and to undo it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from privacy import deletion
from tests.cast import MakeBatch, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
INDEX, DELETE, KEEP = (reverse(f"privacy:{name}") for name in ("index", "delete", "keep"))


@pytest.fixture
def alices(just_signed_in: SignedIn, alice: User) -> Client:
    return just_signed_in(alice)


def test_the_page_says_what_will_be_lost(alices: Client, alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice)
    page = alices.get(DELETE).content.decode()
    assert "5,005 unused credits are lost" in page
    assert "1 running batch is cancelled" in page


def test_who_signed_in_long_ago_has_to_prove_who_it_is(signed_in: SignedIn, alice: User) -> None:
    answer = signed_in(alice).post(DELETE, {"understood": "on"})
    assert "reauthenticate" in answer.url
    alice.refresh_from_db()
    assert alice.delete_at is None


def test_nothing_happens_without_the_tick(alices: Client, alice: User) -> None:
    assert alices.post(DELETE).status_code == 422
    alice.refresh_from_db()
    assert alice.delete_at is None


def test_a_request_signs_out_and_says_until_when_it_can_be_undone(alices: Client, alice: User) -> None:
    page = alices.post(DELETE, {"understood": "on"}, follow=True)
    assert page.resolver_match.view_name == "account_login"
    assert "Until then, sign in to undo it." in page.content.decode()
    alice.refresh_from_db()
    assert alice.delete_at


def test_whoever_signs_in_again_sees_only_that_page(signed_in: SignedIn, alice: User) -> None:
    deletion.request(alice, alice)
    client = signed_in(alice)
    for name in ("home", "batches:new", "account", "billing:overview", "keys:list"):
        assert client.get(reverse(name)).url == INDEX, name
    assert "Keep my account" in client.get(INDEX).content.decode()


def test_the_account_can_be_kept(signed_in: SignedIn, alice: User) -> None:
    deletion.request(alice, alice)
    client = signed_in(alice)
    assert "Your account won’t be deleted." in client.post(KEEP, follow=True).content.decode()
    assert client.get(reverse("account")).status_code == 200


def test_signing_out_and_the_language_work_meanwhile(signed_in: SignedIn, alice: User) -> None:
    deletion.request(alice, alice)
    client = signed_in(alice)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.post(reverse("set_language"), {"language": "es", "next": INDEX}).url == INDEX


def test_keys_do_not_work_meanwhile(alice: User, client: Client) -> None:
    from accounts.keys import api_keys

    _key, text = api_keys.create(alice, "a key", ["batches:read"])
    deletion.request(alice, alice)
    answer = client.get("/api/v1/batches", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401


def test_an_operator_can_not_delete_the_own_account(just_signed_in: SignedIn, olga: User) -> None:
    answer = just_signed_in(olga).post(DELETE, {"understood": "on"})
    assert answer.url == INDEX
    olga.refresh_from_db()
    assert olga.delete_at is None
