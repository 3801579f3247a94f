"""Customers, payments and invoices over REST, at the running stand-in."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from billing.tests.stripe.shop import Controls, Shopper
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


@pytest.fixture
def price(stripe: Controls) -> dict[str, Any]:
    product = stripe.api("POST", "products", name="A talk")
    return stripe.api("POST", "prices", product=product["id"], currency="mxn", unit_amount=5_000)


def seed(email: str, **order: Any) -> dict[str, Any]:
    """Return a body as the merchants' programs send it."""
    return {"email": email, "name": "Cliente Ejemplo", **order}


def order(email: str, **changes: Any) -> dict[str, Any]:
    return seed(email, **{"amount": 5_000, "currency": "mxn", "paymentMethodId": "pm_card_visa", **changes})


def test_a_customer_is_created_from_email_and_name(call: Call, stripe: Controls) -> None:
    status, made = call("create-customer", **seed("cliente@example.com"))
    assert (status, made["success"]) == (200, True)
    assert stripe.api("GET", f"customers/{made['customer_id']}")["name"] == "Cliente Ejemplo"


def test_a_payment_creates_the_customer_and_charges_the_method_that_is_sent(call: Call, stripe: Controls) -> None:
    status, paid = call("create-payment-intent", **order("compra@example.com"))
    assert (status, paid["success"], paid["message"]) == (200, True, "The payment succeeded.")
    intent = stripe.api("GET", f"payment_intents/{paid['payment_intent_id']}")
    assert (intent["status"], intent["amount"], intent["currency"]) == ("succeeded", 5_000, "mxn")
    assert paid["clientSecret"] == intent["client_secret"]
    assert stripe.api("GET", f"customers/{intent['customer']}")["email"] == "compra@example.com"
    assert stripe.api("GET", f"payment_methods/{intent['payment_method']}")["customer"] == intent["customer"]


def test_a_payment_is_for_the_newest_customer_with_that_address(call: Call, stripe: Controls) -> None:
    for _ in range(2):
        _, made = call("create-customer", **seed("vuelve@example.com"))
    _, paid = call("create-payment-intent", **order("vuelve@example.com"))
    intent = stripe.api("GET", f"payment_intents/{paid['payment_intent_id']}")
    assert intent["customer"] == made["customer_id"]


def test_a_customer_of_the_site_is_not_used(call: Call, alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    _, paid = call("create-payment-intent", **order(alice.email))
    assert stripe.api("GET", f"payment_intents/{paid['payment_intent_id']}")["customer"] != alice.customer_id()
    assert alice.ledger() == [("pack", 100)]


@pytest.mark.parametrize(
    ("card", "status", "message"),
    [
        ("pm_card_authenticationRequired", "requires_action", "must confirm"),
        ("pm_usBankAccount_success", "processing", "being processed"),
    ],
)
def test_a_payment_that_is_not_over_says_so(call: Call, card: str, status: str, message: str) -> None:
    code, answer = call("create-payment-intent", **order("espera@example.com", paymentMethodId=card))
    assert (code, answer["success"], answer["status"]) == (200, True, status)
    assert message in answer["message"]


def test_the_same_order_is_charged_once(call: Call) -> None:
    body = order("doble@example.com")
    first = call("create-payment-intent", again="order-8", **body)
    assert first[0] == 200
    assert call("create-payment-intent", again="order-8", **body) == first


def test_a_declined_card_is_refused_with_stripes_code(call: Call) -> None:
    status, answer = call("create-payment-intent", **order("sin@example.com", paymentMethodId="pm_card_chargeDeclined"))
    assert (status, answer["success"], answer["code"]) == (400, False, "card_declined")


def test_an_invoice_is_in_the_currency_of_its_price_and_emailed(
    call: Call, stripe: Controls, price: dict[str, Any]
) -> None:
    status, sent = call("create-invoice", **seed("factura@example.com", priceId=price["id"]))
    assert (status, sent["success"], sent["message"]) == (200, True, "The invoice was created and emailed.")
    invoice = stripe.api("GET", f"invoices/{sent['invoice_id']}")
    assert (invoice["status"], invoice["total"], invoice["currency"]) == ("open", 5_000, "mxn")
    mails = requests.get(f"{stripe.url}/mail/", timeout=60).text
    assert "factura@example.com" in mails
    assert invoice["number"] in mails


@pytest.mark.parametrize("path", ["/v1/invoiceitems", "/v1/invoices/in_"])
def test_a_failed_invoice_leaves_nothing_to_pay_and_can_be_tried_again(
    call: Call, stripe: Controls, price: dict[str, Any], path: str
) -> None:
    _, made = call("create-customer", email="averia@example.com")
    body = {"customer": made["customer_id"], "priceId": price["id"]}
    # What the site reads because of an event would take away one of the failures.
    stripe.settle_down()
    stripe.deliver(withhold=True)
    stripe.post("settings", fail_count=3, fail_path=path, fail_status=500)
    status, answer = call("create-invoice", again=f"after{path}", **body)
    assert (status, answer["success"], answer["code"]) == (503, False, "unavailable")
    status, sent = call("create-invoice", again=f"after{path}", **body)
    assert status == 200
    invoices = stripe.api("GET", "invoices", customer=made["customer_id"])["data"]
    assert [each["status"] for each in invoices] == ["open"]
    assert invoices[0]["id"] == sent["invoice_id"]


def test_another_order_under_the_key_of_an_invoice_harms_nothing(
    call: Call, stripe: Controls, price: dict[str, Any]
) -> None:
    _, made = call("create-customer", email="clave@example.com")
    body = {"customer": made["customer_id"], "priceId": price["id"]}
    _, sent = call("create-invoice", again="order-9", **body)
    assert call("create-invoice", again="order-9", **body)[1]["invoice_id"] == sent["invoice_id"]
    status, answer = call("create-invoice", again="order-9", quantity=2, **body)
    assert (status, answer["success"]) == (400, False)
    assert stripe.api("GET", f"invoices/{sent['invoice_id']}")["status"] == "open"


def test_a_price_that_recurs_leaves_no_draft(call: Call, stripe: Controls) -> None:
    product = stripe.api("POST", "products", name="A retainer")["id"]
    monthly = {"currency": "usd", "unit_amount": 1_000, "recurring[interval]": "month"}
    price = stripe.api("POST", "prices", product=product, **monthly)
    _, made = call("create-customer", email="cuota@example.com")
    status, answer = call("create-invoice", customer=made["customer_id"], priceId=price["id"])
    assert (status, "one_time" in answer["error"]) == (400, True)
    assert stripe.api("GET", "invoices", customer=made["customer_id"])["data"] == []


@pytest.mark.parametrize(("status", "code"), [(429, "unavailable"), (500, "unavailable"), (401, "payments_not_set_up")])
def test_what_the_program_cannot_help_is_no_fault_of_its_request(
    call: Call, stripe: Controls, status: int, code: str
) -> None:
    stripe.post("settings", fail_count=3, fail_path="/v1/customers", fail_status=status)
    answered, answer = call("create-customer", **seed("cliente@example.com"))
    assert (answered, answer["success"], answer["code"]) == (503, False, code)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("create-customer", {"email": "x@example.com", "nombre": "X"}),
        ("create-payment-intent", order("x@example.com", payment_metod="pm_card_visa")),
        ("create-invoice", {"email": "x@example.com", "priceId": "price_1", "price_id": "price_2"}),
        ("create-payment-intent", {"amount": 500, "paymentMethodId": "pm_card_visa"}),
        ("create-payment-intent", order("x@example.com", customer="cus_1")),
        ("create-invoice", {"priceId": "price_1"}),
    ],
)
def test_unknown_and_contradicting_fields_are_refused(call: Call, path: str, body: dict[str, Any]) -> None:
    status, answer = call(path, **body)
    assert (status, answer["success"], answer["code"]) == (400, False, "invalid")


def test_an_invoice_is_made_from_a_price_and_sent(call: Call, stripe: Controls) -> None:
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
