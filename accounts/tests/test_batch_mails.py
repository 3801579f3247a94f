"""Emails about batches are turned off by their link and in the account."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import unsubscribing
from accounts.models import User
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(alice: User) -> str:
    return urlsplit(unsubscribing.off_url(alice)).path


def wants(user: User) -> bool:
    return User.objects.get(pk=user.pk).wants_batch_mails


def test_one_click_turns_them_off_without_cookie_or_token(link: str, alice: User) -> None:
    response = Client(enforce_csrf_checks=True).post(link, ONE_CLICK)
    assert (response.status_code, wants(alice)) == (200, False)


def test_a_mail_scanner_that_opens_the_link_changes_nothing(link: str, alice: User, client: Client) -> None:
    page = client.get(link).content.decode()
    assert wants(alice)
    assert 'name="List-Unsubscribe" value="One-Click"' in page


def test_a_post_without_the_words_of_the_standard_changes_nothing(link: str, alice: User, client: Client) -> None:
    client.post(link, {"List-Unsubscribe": "yes"})
    assert wants(alice)


def test_a_changed_link_turns_nothing_off(link: str, alice: User, client: Client) -> None:
    response = client.post(link[:-5] + "AAAA/", ONE_CLICK)
    assert (response.status_code, wants(alice)) == (404, True)


def test_the_link_of_a_deleted_account_is_no_link(link: str, alice: User, client: Client) -> None:
    User.objects.filter(pk=alice.pk).update(erased_at=timezone.now())
    assert client.get(link).status_code == 404


def test_a_link_under_a_former_secret_key_works(link: str, alice: User, client: Client, settings: object) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the-next-one-" * 5  # type: ignore[attr-defined]
    client.post(link, ONE_CLICK)
    assert not wants(alice)


def test_the_account_turns_them_off_and_on(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    for wanted in (False, True):
        button = f'name="wanted" value="{int(wanted)}"'
        assert button in browser.get(reverse("account")).content.decode()
        browser.post(reverse("account_batch_mails"), {"wanted": int(wanted)})
        assert wants(alice) == wanted
