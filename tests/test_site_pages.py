"""The pages of no app: landing, signed-in home, prices, errors, and what stands on every page."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults
from django.views.csrf import csrf_failure

from accounts.models import User
from tests.cast import MakeBatch, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
LOOK = 'class="brand"'


def text(client: Client, name: str) -> str:
    return client.get(reverse(name)).content.decode()


def test_the_landing_page_shows_what_it_does(client: Client) -> None:
    page = text(client, "home")
    assert "Paste a list" in page
    assert page.count('width="240" height="240"') == 12


@pytest.mark.parametrize("name", ["home", "pricing"])
def test_prices_are_those_of_the_catalogue(name: str, client: Client) -> None:
    page = text(client, name)
    assert "250 credits every month" in page
    assert "1,200 credits every month" in page
    assert all(price in page for price in ("$5<", "$19<", "$50<", "$190<"))
    # One button for each way to pay, of which one is shown.
    assert page.count("Choose Starter") == page.count("Choose Pro") == 2


def test_prices_name_the_models_in_the_visitors_language(client: Client) -> None:
    page = client.get(reverse("pricing"), headers={"Accept-Language": "es"}).content.decode()
    assert "Rápido y económico" in page


def test_the_signed_in_home_shows_credits_and_batches(signed_in: SignedIn, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 3)
    page = text(signed_in(bob), "home")
    assert "<strong>2</strong>" in page
    assert reverse("batches:detail", args=[batch.pk]) in page


def test_the_page_says_that_no_credits_are_left(signed_in: SignedIn, bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob, 5)
    assert "You’ve used all your credits" in text(signed_in(bob), "home")


def test_a_stranger_sees_no_batch_of_bob(signed_in: SignedIn, bob: User, charlie: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 3)
    assert str(batch.pk) not in text(signed_in(charlie), "home")


@pytest.mark.parametrize(("sandbox", "shown"), [(True, True), (False, False)])
def test_a_sandbox_says_so_on_every_page(sandbox: bool, shown: bool, client: Client, settings: Any) -> None:
    settings.SANDBOX = sandbox
    assert ("the images aren’t real" in text(client, "pricing")) is shown


def test_the_language_is_switched_without_javascript(client: Client) -> None:
    answer = client.post(reverse("set_language"), {"language": "es", "next": reverse("pricing")})
    assert answer.url == reverse("pricing")
    assert '<html lang="es"' in text(client, "pricing")


def test_an_unknown_address_is_answered_in_our_look(client: Client) -> None:
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert LOOK in answer.content.decode()


def failed_form(request: HttpRequest) -> HttpResponse:
    return csrf_failure(request, reason="")


ERRORS = {
    400: lambda request: defaults.bad_request(request, ValueError()),
    403: failed_form,
    500: defaults.server_error,
}


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_is_answered_in_our_look(status: int, rf: RequestFactory) -> None:
    answer = ERRORS[status](rf.get("/"))
    assert answer.status_code == status
    assert LOOK in answer.content.decode()


@pytest.mark.parametrize("debug", [False, True])
def test_a_form_that_is_too_large_is_refused_with_the_limit(client: Client, settings: Any, debug: bool) -> None:
    settings.DEBUG = debug
    answer = client.post(reverse("set_language"), {"language": "x" * 1_000_000})
    assert answer.status_code == 413
    assert "The limit is 1 MB." in answer.content.decode()
    assert LOOK in answer.content.decode()


def test_an_error_without_a_request_offers_no_form(rf: RequestFactory) -> None:
    assert "<form" not in defaults.server_error(rf.get("/")).content.decode()
