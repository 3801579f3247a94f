"""The pages that lead to Stripe and back: nobody uses up our calls, and no made-up address reaches Stripe."""

import json
from typing import Any

import pytest
import stripe
from django.urls import reverse

from accounts.models import User
from billing.payments import checkout
from billing.stripe import client
from tests.cast import SignedIn

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("one_minute")]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Stripe was asked; it refuses everything."""
    asked: list[Any] = []

    def refuse(*args: Any, **_fields: Any) -> None:
        asked.append(args)
        raise client.StripeRefused("refused in this test", code="")

    monkeypatch.setattr(client, "session", refuse)
    monkeypatch.setattr(checkout, "new_session", refuse)
    monkeypatch.setattr(checkout, "portal_for", refuse)
    return asked


def test_a_user_cannot_open_payment_pages_without_end(
    alice: User, bob: User, signed_in: SignedIn, calls: list[Any]
) -> None:
    alices = signed_in(alice)
    for _ in range(7):
        alices.post(reverse("billing:checkout"), {"product": "starter"})
        alices.post(reverse("billing:portal"))
        answer = alices.get(reverse("billing:success"), {"session": "cs_test_1"})
    assert (answer.status_code, len(calls)) == (429, 20)
    assert int(answer.headers["Retry-After"]) > 0
    assert signed_in(bob).post(reverse("billing:portal")).status_code == 302


def test_without_a_session_the_success_page_leads_back(bob: User, signed_in: SignedIn, calls: list[Any]) -> None:
    answer = signed_in(bob).get(reverse("billing:success"))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("billing:overview"))


@pytest.mark.parametrize("session", ["1", "../customers/cus_1", "cs_test_1/expire", "cs_" + "x" * 300, "cs_é"])
def test_what_is_no_session_is_not_looked_up(session: str, bob: User, signed_in: SignedIn, calls: list[Any]) -> None:
    assert signed_in(bob).get(reverse("billing:success"), {"session": session}).status_code == 404
    assert calls == []


def test_a_page_that_was_paid_meanwhile_need_not_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = {"type": "invalid_request_error", "message": "Only open sessions can be expired."}
    sent = json.dumps({"error": refusal}), 400, {}
    monkeypatch.setattr(stripe.RequestsClient, "request", lambda *_: sent)
    with pytest.raises(client.StripeRefused):
        client.session("cs_1")
    client.expire_session("cs_1")
