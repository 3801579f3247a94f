"""People in the admin: adding one, powers, credits given and taken."""

import re
import uuid
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.credits import ledger
from billing.models import LedgerEntry
from tests.cast import MakeBatch, SignedIn, make_person

ADD = reverse("admin:accounts_user_add")
LIST = reverse("admin:accounts_user_changelist")


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def credits_url(*users: User) -> str:
    return reverse("admin:accounts_user_credits", query={"ids": ",".join(str(user.pk) for user in users)})


def booking(amount: object = 50, reason: str = "sorry", **fields: object) -> dict[str, object]:
    return {"amount": amount, "reason": reason, "submission_key": uuid.uuid4(), **fields}


@pytest.fixture
def junior(db: None) -> User:
    """An operator who may change users, and nothing else."""
    user = User.objects.create_user("junior@example.org", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user")))
    return user


def test_an_address_is_enough_for_a_new_user(olgas: Client) -> None:
    olgas.post(ADD, {"email": "New@Example.org", "name": ""})
    user = User.objects.get(email="new@example.org")
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).email == user.email


def test_a_new_user_comes_in_by_a_mailed_code(olgas: Client, client: Client, mailoutbox: list[Any]) -> None:
    olgas.post(ADD, {"email": "new@example.org", "name": ""})
    client.post(reverse("account_request_login_code"), {"email": "new@example.org"})
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mailoutbox[-1].body, re.M)[0]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert EmailAddress.objects.get(email="new@example.org").verified
    assert client.get(reverse("batches:list")).status_code == 200


def test_an_address_that_is_taken_is_refused(olgas: Client, alice: User) -> None:
    response = olgas.post(ADD, {"email": alice.email.upper(), "name": ""})
    assert "email" in response.context["adminform"].form.errors


def test_no_user_can_be_deleted(olgas: Client, alice: User) -> None:
    assert olgas.post(reverse("admin:accounts_user_delete", args=[alice.pk]), {"post": "yes"}).status_code == 403


def test_a_page_shows_what_someone_has_left(olgas: Client, bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob, 2)
    shown = olgas.get(page_of(bob)).context["original"]
    assert (shown.credits_balance, shown.credits_held, shown.batch_count) == (5, 2, 1)


def test_an_operator_cannot_give_themselves_powers(signed_in: SignedIn, junior: User) -> None:
    signed_in(junior).post(page_of(junior), {"is_active": "on", "is_superuser": "on"})
    junior.refresh_from_db()
    assert not junior.is_superuser


def test_an_operator_cannot_change_one_with_more_powers(signed_in: SignedIn, junior: User, olga: User) -> None:
    password = reverse("admin:auth_user_password_change", args=[olga.pk])
    assert signed_in(junior).get(password).status_code == 403
    assert signed_in(junior).post(page_of(olga), {"name": "x"}).status_code == 403


def test_the_action_leads_to_the_page_that_asks_how_many(olgas: Client, alice: User) -> None:
    response = olgas.post(LIST, {"action": "give_credits", "_selected_action": [alice.pk], "index": 0})
    assert response.url == credits_url(alice)


def test_credits_are_given_with_a_reason(olgas: Client, alice: User, bob: User) -> None:
    olgas.post(credits_url(alice, bob), booking(50, "sorry"))
    given = LedgerEntry.objects.filter(note="sorry")
    assert {(entry.account.user, entry.amount) for entry in given} == {(alice, 50), (bob, 50)}


def test_credits_are_given_once_though_the_form_is_sent_twice(olgas: Client, bob: User) -> None:
    form = booking(50)
    for _ in range(2):
        olgas.post(credits_url(bob), form)
    assert ledger.account_of(bob).left == 55


def test_credits_can_be_taken(olgas: Client, bob: User) -> None:
    olgas.post(credits_url(bob), booking(-3))
    assert ledger.account_of(bob).left == 2


@pytest.mark.parametrize("amount", [0, -6, "", "many", 10**9])
def test_a_wrong_number_of_credits_is_refused(olgas: Client, bob: User, amount: object) -> None:
    response = olgas.post(credits_url(bob), booking(amount))
    assert "amount" in response.context["form"].errors
    assert ledger.account_of(bob).left == 5


def test_credits_need_a_reason(olgas: Client, bob: User) -> None:
    response = olgas.post(credits_url(bob), booking(reason=""))
    assert "reason" in response.context["form"].errors


def test_who_gave_credits_is_on_record(olgas: Client, olga: User, bob: User) -> None:
    olgas.post(credits_url(bob), booking(50, "sorry"))
    history = olgas.get(reverse("admin:accounts_user_history", args=[bob.pk])).content.decode()
    assert "+50 credits: sorry" in history
    assert olga.get_full_name() in history


def test_credits_are_not_every_operators_business(signed_in: SignedIn, junior: User, bob: User) -> None:
    assert signed_in(junior).post(credits_url(bob), booking(50)).status_code == 403


def test_an_operator_gives_no_credits_to_operators(signed_in: SignedIn, bob: User) -> None:
    fiona = make_person("Fiona", is_staff=True)
    fiona.groups.add(Group.objects.get(name="Finance"))
    response = signed_in(fiona).get(credits_url(fiona, bob))
    assert response.context["users"] == [bob]
    links = [credits_url(user) in signed_in(fiona).get(page_of(user)).content.decode() for user in (fiona, bob)]
    assert links == [False, True]
    signed_in(fiona).post(credits_url(fiona), booking(50))
    assert ledger.account_of(fiona).left == 5


@pytest.mark.parametrize("ids", ["", "x", "0,,", "99999999999999999999999", "٣"])
def test_nonsense_for_ids_names_nobody(olgas: Client, ids: str) -> None:
    response = olgas.get(reverse("admin:accounts_user_credits", query={"ids": ids}))
    assert response.context["users"] == []
