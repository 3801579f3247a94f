"""Terms, privacy, refunds and contact: the operators' text, or the template text until there is one."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from privacy.models import LegalPage
from tests.cast import SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
KINDS = LegalPage.Kind.values
NOTICE = "Only operators see this"


def write(kind: str, language: str, text: str) -> None:
    LegalPage.objects.update_or_create(kind=kind, language=language, defaults={"text": text})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_that_nobody_has_written_shows_the_template_text(client: Client, kind: str, language: str) -> None:
    page = client.get(reverse(f"legal:{kind}"), headers={"Accept-Language": language}).content.decode()
    assert f'<article class="prose" lang="{language}">' in page
    assert "hello@127.0.0.1" in page or kind == "terms"
    assert NOTICE not in page


def test_the_template_text_has_the_prices_of_the_catalogue(client: Client) -> None:
    assert "Starter for $5 a month with 250 credits" in client.get(reverse("legal:terms")).content.decode()


@pytest.mark.parametrize("language", ["en", "es"])
def test_replicate_is_named_where_it_gets_prompts(client: Client, settings: Any, language: str) -> None:
    shown = []
    for settings.REPLICATE_API_TOKEN in ("", "r8_of_a_test"):
        page = client.get(reverse("legal:privacy"), headers={"Accept-Language": language})
        shown.append("Replicate" in page.content.decode())
    assert shown == [False, True]


def test_only_operators_are_reminded_to_write_it(signed_in: SignedIn, olga: User, bob: User) -> None:
    url = reverse("legal:terms")
    assert NOTICE in signed_in(olga).get(url).content.decode()
    assert NOTICE not in signed_in(bob).get(url).content.decode()
    write("terms", "en", "Our own")
    assert NOTICE not in signed_in(olga).get(url).content.decode()


def test_an_operators_text_replaces_the_template(client: Client) -> None:
    write("refunds", "en", "# Ours\n\nAsk <us>.")
    page = client.get(reverse("legal:refunds")).content.decode()
    assert "<h2>Ours</h2>\n<p>Ask &lt;us&gt;.</p>" in page
    assert "Failed images are free" not in page


def test_a_text_in_one_language_is_shown_to_all(client: Client) -> None:
    write("terms", "es", "Lo nuestro")
    assert '<article class="prose" lang="es">' in client.get(reverse("legal:terms")).content.decode()


@pytest.mark.parametrize("name", ["home", "pricing", "account_signup"])
def test_every_page_leads_to_them(client: Client, name: str) -> None:
    page = client.get(reverse(name)).content.decode()
    assert all(f'href="{reverse(f"legal:{kind}")}"' in page for kind in KINDS)


def test_operators_write_it_in_the_admin(signed_in: SignedIn, olga: User) -> None:
    page = LegalPage.objects.get(kind="contact", language="en")
    url = reverse("admin:privacy_legalpage_change", args=[page.pk])
    client = signed_in(olga)
    assert "We answer within two working days" in client.get(url).content.decode()
    assert client.post(url, {"text": "Call us"}).status_code == 302
    page.refresh_from_db()
    assert page.text == "Call us"
