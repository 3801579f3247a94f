""" "Recent activity": customers read what happened to their own account."""

import re

import pytest
from allauth.core.context import request_context
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from tests.cast import SignedIn
from tests.counting import count_page_queries

PAGE = reverse("account_activity")
PASSWORD = "a violin under the stairs"


def record_from(ip: str, action: AuditAction, user: User | None, **details: object) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=ip, headers={"user-agent": "Mozilla/5.0 (Windows) Firefox/140"})
    with request_context(request):
        AuditEntry.objects.record(action, user, **details)


def words(client: Client, language: str = "en", **query: object) -> str:
    html = client.get(PAGE, query, headers={"accept-language": language}).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<h1>") :]).split())


def test_a_sign_in_is_shown_with_its_browser_and_ip_address(client: Client, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save(update_fields=["password"])
    sent = {"login": bob.email, "password": PASSWORD}
    client.post(reverse("account_login"), sent, REMOTE_ADDR="192.0.2.7", headers={"user-agent": "Windows Firefox/1"})
    text = words(client)
    assert "Signed in password" in text
    assert "Firefox, Windows 192.0.2.7" in text


def test_customers_see_only_their_own_activity(signed_in: SignedIn, alice: User, bob: User) -> None:
    record_from("192.0.2.7", AuditAction.SIGNED_IN, alice, actor=alice)
    record_from("192.0.2.8", AuditAction.SIGN_IN_FAILED, None, address="nobody@example.org")
    text = words(signed_in(bob))
    assert "192.0.2" not in text
    assert "No activity yet." in text


def test_visitors_sign_in_first(client: Client, db: None) -> None:
    assert client.get(PAGE).url.startswith(reverse("account_login"))


def test_failed_attempts_of_others_are_shown(signed_in: SignedIn, bob: User) -> None:
    record_from("192.0.2.9", AuditAction.SIGN_IN_FAILED, bob, note="totp")
    assert "Sign-in failed authenticator app" in words(signed_in(bob))


def test_where_an_operator_sits_is_not_shown(signed_in: SignedIn, bob: User, olga: User) -> None:
    record_from("192.0.2.10", AuditAction.ROLE_CHANGED, bob, actor=olga, note="-is_staff; +is_staff")
    text = words(signed_in(bob))
    assert "Permissions changed no longer an operator; operator" in text
    assert "An operator" in text
    assert "192.0.2.10" not in text


def test_the_command_line_is_an_operator_too(signed_in: SignedIn, bob: User) -> None:
    AuditEntry.objects.record(AuditAction.KEY_CREATED, bob, subject="abc", note="code")
    text = words(signed_in(bob))
    assert "Key created code" in text
    assert "An operator" in text


def test_it_is_spanish_for_those_who_read_spanish(signed_in: SignedIn, bob: User) -> None:
    record_from("192.0.2.7", AuditAction.SIGNED_IN, bob, actor=bob, note="code")
    text = words(signed_in(bob), "es")
    assert "Actividad reciente" in text
    assert "Inicio de sesión código enviado por correo" in text


def test_it_is_paged_and_takes_no_more_queries_for_more(signed_in: SignedIn, bob: User) -> None:
    browser = signed_in(bob)
    record_from("192.0.2.1", AuditAction.SIGNED_IN, bob, actor=bob)
    browser.get(PAGE)
    few = count_page_queries(browser, PAGE)
    for number in range(2, 42):
        record_from(f"192.0.2.{number}", AuditAction.SIGNED_IN, bob, actor=bob)
    assert count_page_queries(browser, PAGE) == few
    assert "192.0.2.41 " in words(browser)
    assert "192.0.2.1 " in words(browser, page=2)


@pytest.mark.parametrize("page", ["0", "x", "99999999999999999999"])
def test_pages_that_do_not_exist(signed_in: SignedIn, bob: User, page: str) -> None:
    assert signed_in(bob).get(PAGE, {"page": page}).status_code == 200


def test_it_is_linked_from_the_account(signed_in: SignedIn, bob: User) -> None:
    assert signed_in(bob).get(reverse("account")).content.decode().count(f'href="{PAGE}"') == 2


def test_a_new_role_is_named_in_the_readers_language(signed_in: SignedIn, bob: User, olga: User) -> None:
    record_from("192.0.2.10", AuditAction.ROLE_CHANGED, bob, actor=olga, note="+is_staff; +groups:Finance")
    assert "operador; +Finanzas" in words(signed_in(bob), "es")
