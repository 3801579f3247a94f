"""The list of signed-in browsers, and signing the others out."""

from django.test import Client
from django.urls import reverse

from accounts.browsers import browser_name
from accounts.models import User

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
    assert "If you do not know one, sign out everywhere else and change how you sign in." in page
    assert ">Sign out everywhere else</button>" in page


def test_signing_out_elsewhere_keeps_this_browser(bob: User) -> None:
    other, this = sign_in(bob, SAFARI), sign_in(bob, FIREFOX)
    this.post(reverse("usersessions_list"))
    assert other.get(reverse("account")).status_code == 302
    assert this.get(reverse("account")).status_code == 200


def test_a_strangers_sessions_are_not_listed(bob: User, charlie: User) -> None:
    sign_in(charlie, SAFARI)
    assert "iPhone" not in sign_in(bob, FIREFOX).get(reverse("usersessions_list")).content.decode()


def test_an_unknown_browser_is_named_by_its_own_text() -> None:
    assert browser_name("curl/8.5.0") == "curl/8.5.0"
