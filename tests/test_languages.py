"""Which language a visitor reads: the browser's, until they choose one."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def language(client: Client, **headers: Any) -> str:
    """Return the language that the landing page says it is in."""
    page = client.get(reverse("home"), **headers).content.decode()
    found = re.search(r"<html[^>]* lang=\"(\w+)\"", page)
    assert found
    return found[1]


def choose(client: Client, code: str) -> Any:
    """Press a button of the footer."""
    return client.post(reverse("set_language"), {"language": code, "next": "/pricing/"})


def test_a_new_visitor_reads_the_browsers_language() -> None:
    assert language(Client(headers=SPANISH)) == "es"


def test_a_visitor_whose_language_is_missing_reads_english() -> None:
    assert language(Client(headers={"Accept-Language": "fr"})) == "en"


def test_a_chosen_language_wins_over_the_browsers() -> None:
    client = Client(headers=SPANISH)
    choose(client, "en")
    assert language(client) == "en"


def test_a_chosen_language_lasts_a_year_and_leads_back_to_the_page() -> None:
    answer = choose(Client(), "es")
    assert answer.url == "/pricing/"
    assert answer.cookies["django_language"]["max-age"] == 31_536_000


def test_signing_in_and_out_keeps_the_chosen_language(alice: Any) -> None:
    client = Client()
    choose(client, "es")
    client.force_login(alice)
    signed_in = language(client)
    client.post(reverse("account_logout"))
    assert (signed_in, language(client)) == ("es", "es")


def test_a_mail_is_in_the_language_of_who_asked_for_it(alice: Any) -> None:
    Client(headers=SPANISH).post(reverse("account_request_login_code"), {"email": alice.email})
    assert mail.outbox[0].subject == "Tu código para iniciar sesión"
    assert "Escribe este código en la ventana donde estás iniciando sesión:" in mail.outbox[0].body


def test_borrowed_errors_say_tu() -> None:
    answer = Client(headers=SPANISH).post(reverse("account_signup"), {"email": "nobody"})
    assert "Escribe una dirección de correo válida." in answer.content.decode()


def test_hints_of_the_catalogue_are_translated(alice: Any) -> None:
    client = Client(headers=SPANISH)
    client.force_login(alice)
    assert "Rápido y económico: la opción habitual" in client.get(reverse("batches:new")).content.decode()


def language_of(user: Any) -> str:
    user.refresh_from_db()
    return str(user.language)


def test_emails_are_in_the_language_that_the_user_reads(alice: Any) -> None:
    client = Client(headers=SPANISH)
    client.force_login(alice)
    client.get("/batches/")
    spanish = language_of(alice)
    choose(client, "en")
    client.get("/batches/")
    assert (spanish, language_of(alice)) == ("es", "en")


def test_a_browser_in_another_language_does_not_change_the_emails_again_and_again(alice: Any) -> None:
    first, second = Client(headers=SPANISH), Client()
    for client in (first, second):
        client.force_login(alice)
        client.get("/batches/")
    first.get("/batches/")
    assert language_of(alice) == "en"


def test_the_page_on_which_somebody_signs_up_says_the_language_of_their_emails() -> None:
    client = Client(headers=SPANISH)
    client.post(reverse("account_signup"), {"email": "rosa@example.org"})
    code = re.findall(r"^\s*([A-Z0-9-]{6,})\s*$", mail.outbox[0].body, re.MULTILINE)[0]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert language_of(User.objects.get(email="rosa@example.org")) == "es"


def test_the_api_in_a_browser_does_not_change_the_language_of_emails(alice: Any) -> None:
    client = Client(headers=SPANISH)
    client.force_login(alice)
    client.get("/batches/")
    client.get("/api/v1/account")
    assert language_of(alice) == "es"


def test_a_programs_answer_is_the_same_in_every_language() -> None:
    answer = Client(headers=SPANISH).get("/api/v1/account")
    assert answer.json()["detail"].startswith("Send an API key")
    assert "Content-Language" not in answer.headers
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_who_reads_spanish_still_does_after_a_program_was_answered() -> None:
    Client().get("/api/v1/account")
    assert language(Client(headers=SPANISH)) == "es"
