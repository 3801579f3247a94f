"""The list of signed-in browsers, signing the others out, and how long a session lasts."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sessions.browsers import browser_name
from accounts.sessions.ending import sign_out_everywhere
from accounts.tests.conftest import is_signed_in
from tests.cast import SignedIn

HOUR, DAY = 60 * 60, 24 * 60 * 60

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def sign_in(user: User, browser: str) -> Client:
    client = Client(headers={"user-agent": browser})
    client.force_login(user)
    client.get(reverse("account"))
    return client


def test_each_browser_is_listed_by_a_name_people_know(bob: User) -> None:
    sign_in(bob, SAFARI)
    page = sign_in(bob, FIREFOX).get(reverse("usersessions_list")).content.decode()
    assert "Firefox, Windows" in page
    assert "Safari, iPhone" in page


def test_the_advice_names_the_button_that_there_is(bob: User) -> None:
    sign_in(bob, SAFARI)
    page = sign_in(bob, FIREFOX).get(reverse("usersessions_list")).content.decode()
    assert "If you don’t recognise one, sign out of all other browsers and change how you sign in." in page
    assert ">Sign out of all other browsers</button>" in page


def test_signing_out_elsewhere_keeps_this_browser(bob: User) -> None:
    other, this = sign_in(bob, SAFARI), sign_in(bob, FIREFOX)
    this.post(reverse("usersessions_list"))
    assert other.get(reverse("account")).status_code == 302
    assert this.get(reverse("account")).status_code == 200


def test_signing_out_everywhere_deletes_what_the_sessions_contain(
    bob: User, django_capture_on_commit_callbacks: Any
) -> None:
    sign_in(bob, SAFARI)
    sign_in(bob, FIREFOX)
    with django_capture_on_commit_callbacks(execute=True):
        sign_out_everywhere(bob)
    assert not Session.objects.exists()


def test_an_outage_of_the_cache_does_not_keep_anybody_signed_in(
    bob: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise ConnectionError("no Redis")

    browser = sign_in(bob, SAFARI)
    with monkeypatch.context() as patch:
        patch.setattr(LocMemCache, "delete", unavailable)
        with django_capture_on_commit_callbacks(execute=True):
            sign_out_everywhere(bob)
    assert not is_signed_in(browser)


def test_a_strangers_sessions_are_not_listed(bob: User, charlie: User) -> None:
    sign_in(charlie, SAFARI)
    assert "iPhone" not in sign_in(bob, FIREFOX).get(reverse("usersessions_list")).content.decode()


def test_an_unknown_browser_is_named_by_its_own_text() -> None:
    assert browser_name("curl/8.5.0") == "curl/8.5.0"


def test_signing_out_elsewhere_ends_a_session_that_is_not_listed_yet(bob: User, signed_in: SignedIn) -> None:
    unlisted = signed_in(bob)
    this = sign_in(bob, FIREFOX)
    UserSession.objects.exclude(session_key=this.session.session_key).delete()
    this.post(reverse("usersessions_list"))
    assert not is_signed_in(unlisted)
    assert is_signed_in(this)


def test_signing_out_elsewhere_leaves_one_session_in_the_list(bob: User) -> None:
    sign_in(bob, SAFARI)
    this = sign_in(bob, FIREFOX)
    this.post(reverse("usersessions_list"))
    assert [session.user_agent for session in UserSession.objects.filter(user=bob)] == [FIREFOX]


def test_signing_out_everywhere_ends_all_sessions_of_that_user_only(
    bob: User, charlie: User, signed_in: SignedIn
) -> None:
    bobs, charlies = signed_in(bob), signed_in(charlie)
    sign_out_everywhere(bob)
    assert not is_signed_in(bobs)
    assert is_signed_in(charlies)


@pytest.mark.parametrize("action", ["one", "several"])
def test_a_session_deleted_in_the_admin_ends_at_once(action: str, bob: User, olga: User, signed_in: SignedIn) -> None:
    bobs, olgas = sign_in(bob, FIREFOX), signed_in(olga)
    session = UserSession.objects.get(user=bob)
    if action == "one":
        olgas.post(reverse("admin:usersessions_usersession_delete", args=[session.pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [session.pk], "post": "yes"}
        olgas.post(reverse("admin:usersessions_usersession_changelist"), chosen)
    assert not UserSession.objects.filter(user=bob).exists()
    assert not is_signed_in(bobs)


def move_back(client: Client, key: str, seconds: int) -> None:
    session = client.session
    session[key] -= seconds
    session.save()


@pytest.mark.parametrize(
    ("who", "key", "seconds", "lasts"),
    [
        ("bob", "last_used_at", 14 * DAY - 60, True),
        ("bob", "last_used_at", 14 * DAY + 60, False),
        ("bob", "signed_in_at", 30 * DAY - 60, True),
        ("bob", "signed_in_at", 30 * DAY + 60, False),
        ("olga", "last_used_at", HOUR - 60, True),
        ("olga", "last_used_at", HOUR + 60, False),
        ("olga", "signed_in_at", 12 * HOUR - 60, True),
        ("olga", "signed_in_at", 12 * HOUR + 60, False),
    ],
)
def test_a_session_ends_when_idle_or_old(who: str, key: str, seconds: int, lasts: bool, request: Any) -> None:
    client = sign_in(request.getfixturevalue(who), FIREFOX)
    move_back(client, key, seconds)
    assert is_signed_in(client) is lasts


@pytest.mark.parametrize(("key", "days"), [("last_used_at", 2), ("signed_in_at", 5)])
def test_a_shorter_time_applies_to_the_sessions_that_there_are(bob: User, settings: Any, key: str, days: int) -> None:
    client = sign_in(bob, FIREFOX)
    settings.SESSION_IDLE_DAYS, settings.SESSION_MAX_DAYS = 2, 5
    move_back(client, key, days * DAY - 60)
    assert is_signed_in(client)
    move_back(client, key, days * DAY + 60)
    assert not is_signed_in(client)


def test_use_keeps_a_session_alive(bob: User) -> None:
    client = sign_in(bob, FIREFOX)
    for _ in range(3):
        move_back(client, "last_used_at", 13 * DAY)
        assert is_signed_in(client)


def test_the_cookie_goes_with_the_session(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get(reverse("account")).cookies["sessionid"]["max-age"] == 14 * DAY


def test_a_session_that_ended_says_why(bob: User) -> None:
    client = sign_in(bob, FIREFOX)
    move_back(client, "signed_in_at", 31 * DAY)
    assert "For your security, we signed you out." in client.get(reverse("account"), follow=True).content.decode()
