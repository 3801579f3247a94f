"""The official SDK against the really running sandbox, reset before each test; and a site that receives its events."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
import stripe

from sandbox.tests.conftest import Sandbox
from tests.ports import HOST
from tests.processes import wait_for

KEY = "sk_test_" + "a" * 24
SECRET = "whsec_of_the_tests"
VERSION = "2026-05-27.dahlia"
SUCCESS_URL = "http://127.0.0.1:8000/done?session={CHECKOUT_SESSION_ID}"
CANCEL_URL = "http://127.0.0.1:8000/prices"


@dataclass
class StandIn:
    """The running stand-in, as its controls show it."""

    url: str

    def control(self, path: str, **body: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/sandbox/stripe/{path}", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shown(self, path: str) -> Any:
        return requests.get(f"{self.url}/sandbox/stripe/{path}", timeout=60).json()

    def forget(self, path: str) -> None:
        requests.delete(f"{self.url}/sandbox/stripe/{path}", timeout=60).raise_for_status()

    def pay(self, session: stripe.checkout.Session, card: str = "pm_card_visa") -> bool:
        return self.control(f"checkout/{session.id}/pay", card=card)["paid"]

    def event_types(self) -> list[str]:
        """All that has happened, oldest first."""
        return [event.type for event in reversed(list(stripe.Event.list(limit=100).auto_paging_iter()))]

    def last_event(self, kind: str) -> stripe.Event:
        return stripe.Event.list(type=kind, limit=1).data[0]


@dataclass
class Receiver:
    """A site's webhook: `statuses` are answered first, then 200."""

    #: Body and signature of each delivery, in one list: several arrive at the same time.
    deliveries: list[tuple[bytes, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""

    @property
    def bodies(self) -> list[bytes]:
        return [body for body, _ in self.deliveries]

    @property
    def signatures(self) -> list[str]:
        return [signature for _, signature in self.deliveries]

    @property
    def events(self) -> list[stripe.Event]:
        return [stripe.Webhook.construct_event(*delivery, SECRET) for delivery in list(self.deliveries)]

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def wait_for(self, count: int) -> list[stripe.Event]:
        wait_for(lambda: len(self.deliveries) >= count, what=f"{count} deliveries")
        return self.events


@pytest.fixture
def stand_in(running_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in = StandIn(running_sandbox.url)
    for name, value in {
        "api_base": stand_in.url,
        "api_key": KEY,
        "api_version": VERSION,
        "max_network_retries": 0,
    }.items():
        monkeypatch.setattr(stripe, name, value)
    stand_in.control("reset")
    yield stand_in
    assert stand_in.shown("violations") == {"violations": []}


@pytest.fixture
def receiver(stand_in: StandIn) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            receiver.deliveries.append((body, self.headers.get("Stripe-Signature", "")))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://{HOST}:{server.server_port}/webhook"
    stand_in.control("webhook", url=receiver.url, secret=SECRET)
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def alice(stand_in: StandIn) -> stripe.Customer:
    return stripe.Customer.create(email="alice@example.org", name="Alice", metadata={"user": "1"})


@pytest.fixture
def bob(stand_in: StandIn) -> stripe.Customer:
    """Bob, who has a card."""
    return stripe.Customer.create(email="bob@example.org", payment_method="pm_card_visa")


def price_of(name: str, cents: int, lookup_key: str, **fields: Any) -> stripe.Price:
    product = stripe.Product.create(name=name)
    return stripe.Price.create(product=product.id, currency="usd", unit_amount=cents, lookup_key=lookup_key, **fields)


@pytest.fixture
def starter(stand_in: StandIn) -> stripe.Price:
    return price_of("Starter", 500, "starter_monthly", recurring={"interval": "month"})


@pytest.fixture
def pro(stand_in: StandIn) -> stripe.Price:
    return price_of("Pro", 1900, "pro_monthly", recurring={"interval": "month"})


@pytest.fixture
def pack(stand_in: StandIn) -> stripe.Price:
    return price_of("100 credits", 300, "pack_100")


def visit(customer: stripe.Customer, price: stripe.Price, **fields: Any) -> stripe.checkout.Session:
    """Alice's way to the page on which she pays for a price."""
    mode = "subscription" if price.recurring else "payment"
    line = {"price": price.id, "quantity": fields.pop("quantity", 1)}
    urls = {"success_url": SUCCESS_URL, "cancel_url": CANCEL_URL}
    return stripe.checkout.Session.create(mode=mode, customer=customer.id, line_items=[line], **urls, **fields)


@pytest.fixture
def subscription(stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price) -> stripe.Subscription:
    """Alice's paid Starter plan."""
    session = visit(alice, starter)
    assert stand_in.pay(session)
    return stripe.Subscription.retrieve(stripe.checkout.Session.retrieve(session.id).subscription)


def bought(stand_in: StandIn, customer: stripe.Customer, price: stripe.Price, **fields: Any) -> stripe.PaymentIntent:
    """The payment of a pack that was just bought."""
    session = visit(customer, price, **fields)
    assert stand_in.pay(session)
    return stripe.PaymentIntent.retrieve(stripe.checkout.Session.retrieve(session.id).payment_intent)


def invoices_of(customer: stripe.Customer) -> list[stripe.Invoice]:
    """All invoices, oldest first."""
    return list(reversed(stripe.Invoice.list(customer=customer.id, limit=100).data))
