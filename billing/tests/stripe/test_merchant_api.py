"""Customers, payments and invoices over REST, at the running stand-in."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.servers import Stack

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="session")
def operators_key(running_shop: Stack) -> str:
    running_shop.manage("create_user", "olga@example.org", "--staff")
    return running_shop.manage("create_api_key", "olga@example.org", "--name", "shop", "--scope", "billing").strip()


@pytest.fixture
def call(shop: Stack, operators_key: str) -> Call:
    def caller(path: str, key: str = operators_key, again: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {key}", **({"Idempotency-Key": again} if again else {})}
        answer = requests.post(f"{shop.url}/api/v1/billing/{path}", json=body, headers=headers, timeout=60)
        return answer.status_code, answer.json()

    return caller


def test_a_customer_pays_by_payment_intent(call: Call) -> None:
    status, made = call("create-customer", email="payer@example.org", name="A payer")
    assert (status, made["success"], made["customer"]["email"]) == (200, True, "payer@example.org")
    status, intent = call("create-payment-intent", amount=500, currency="usd", customer=made["customer_id"])
    assert (status, intent["success"]) == (200, True)
    assert intent["client_secret"].startswith(f"{intent['payment_intent_id']}_secret_")


def test_an_invoice_is_made_from_a_price_and_sent(call: Call, stripe: Any) -> None:
    product = stripe.api("POST", "products", name="A talk")
    price = stripe.api("POST", "prices", product=product["id"], currency="usd", unit_amount=5_000)
    _, made = call("create-customer", email="invoiced@example.org")
    status, sent = call("create-invoice", customerId=made["customer_id"], priceId=price["id"], quantity=2)
    assert (status, sent["success"]) == (200, True)
    invoice = sent["invoice"]
    assert (invoice["status"], invoice["amount_due"]) == ("open", 10_000)
    assert invoice["hosted_invoice_url"]


def test_the_same_idempotency_key_makes_one_object(call: Call) -> None:
    first = call("create-payment-intent", again="order-7", amount=500, currency="usd")
    assert call("create-payment-intent", again="order-7", amount=500, currency="usd") == first
    status, other = call("create-payment-intent", again="order-7", amount=900, currency="usd")
    assert (status, other["success"]) == (400, False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"amount": 10, "currency": "usd"}, "at least"),
        ({"amount": 5.5, "currency": "usd"}, "amount"),
        ({"amount": "500", "currency": "usd"}, "amount"),
        ({"amount": -1, "currency": "usd"}, "whole number"),
        ({"amount": 500, "currency": "dollars"}, "three-letter"),
        ({"amount": 1_005, "currency": "kwd"}, "must end in 0"),
        ({"amount": 500, "currency": "usd", "customer": "cus_nobody"}, "No such customer: 'cus_nobody'"),
    ],
)
def test_what_cannot_be_charged_is_refused_in_words(call: Call, body: dict[str, Any], words: str) -> None:
    status, answer = call("create-payment-intent", **body)
    assert (status, answer["success"]) == (400, False)
    assert words in answer["error"]


def test_only_an_operators_key_is_taken(call: Call, shop: Stack) -> None:
    assert call("create-customer", key="iib_wrong_key", email="x@example.org")[0] == 401
    shop.manage("create_user", "program@example.org")
    plain = shop.manage("create_api_key", "program@example.org", "--name", "a program").strip()
    status, answer = call("create-customer", key=plain, email="x@example.org")
    assert (status, answer["success"]) == (403, False)
