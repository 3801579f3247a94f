"""A customer who buys on a running site and pays at the running stand-in for Stripe."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.processes import wait_for
from tests.servers import Stack

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
MAKE_PEOPLE = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
for number in range({count}):
    user = get_user_model().objects.create_user(f"shopper-{{number}}@example.org")
    client = Client()
    client.force_login(user)
    print(user.email, client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


@dataclass(frozen=True)
class Controls:
    """The stand-in's controls; a path is below /sandbox/stripe/."""

    url: str

    def get(self, path: str) -> dict[str, Any]:
        """Return what a control shows."""
        return _checked(requests.get(f"{self.url}/sandbox/stripe/{path}", timeout=60))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Use a control."""
        return _checked(requests.post(f"{self.url}/sandbox/stripe/{path}", json=body, timeout=120))

    def api(self, method: str, path: str, **params: Any) -> dict[str, Any]:
        """Do something at the stand-in as an operator does it in Stripe's dashboard."""
        key = {"Authorization": "Bearer sk_test_ofAnOperatorAtTheDashboard"}
        where = {"params" if method == "GET" else "data": params}
        return _checked(requests.request(method, f"{self.url}/v1/{path}", headers=key, timeout=60, **where))

    def settle_down(self) -> None:
        """Wait until every event has arrived."""
        assert self.post("deliveries/drain", seconds=90)["drained"], self.get("deliveries")

    def month_later(self) -> None:
        """Let a month pass, with all its events."""
        self.post("clock", months=1)
        self.settle_down()

    def replay(self, *customers: str, copies: int = 1) -> None:
        """Send the events of these customers again."""
        newest = self.api("GET", "events", limit=100)["data"]
        theirs = [event["id"] for event in newest if any(customer in json.dumps(event) for customer in customers)]
        self.post("deliveries/replay", events=theirs, copies=copies)

    def deliver(self, **manner: Any) -> None:
        """Change how events are delivered."""
        self.post("deliveries", **manner)


def _checked(answer: requests.Response) -> dict[str, Any]:
    assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:500]}"
    return dict(answer.json())


@dataclass
class Shopper:
    """One signed-in customer, nobody else's."""

    site: Stack
    stripe: Controls
    email: str
    browser: requests.Session = field(default_factory=requests.Session)

    # What they do

    def open_page(self, product: str) -> str:
        """Ask for a payment page and return its id."""
        answer = self.post("checkout/", product=product)
        assert answer.status_code == 303, self.site.logs()
        return urlsplit(answer.headers["Location"]).path.rpartition("/")[2]

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send a form of the billing page, without following where it leads."""
        token = TOKEN.search(self.get("").text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], **fields}
        headers = {"Referer": self.site.url}
        url = f"{self.site.url}/account/billing/{path}"
        return self.browser.post(url, data=form, headers=headers, timeout=60, allow_redirects=False)

    def get(self, path: str) -> requests.Response:
        """Open a page below /account/billing/."""
        return self.browser.get(f"{self.site.url}/account/billing/{path}", timeout=60)

    def pay(self, page: str, card: str = "pm_card_visa") -> dict[str, Any]:
        """Pay on a page and return it; the browser does not come back."""
        return dict(self.stripe.post(f"checkout/{page}/pay", card=card)["session"])

    def buy(self, product: str, card: str = "pm_card_visa") -> dict[str, Any]:
        """Buy something, and wait until the site has heard of it; return the payment page."""
        session = self.pay(self.open_page(product), card)
        self.stripe.settle_down()
        return session

    def open_portal(self) -> str:
        """Press our button for the portal and return its address."""
        answer = self.post("portal/")
        assert answer.status_code == 303, self.site.logs()
        return answer.headers["Location"]

    def press(self, page: str, button: str, **fields: str) -> requests.Response:
        """Press a button of a page at Stripe, wait until the site has heard of it, and return what the page shows."""
        token = TOKEN.search(self.browser.get(page, timeout=60).text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], **fields}
        answer = self.browser.post(f"{page}/{button}", data=form, headers={"Referer": page}, timeout=60)
        self.stripe.settle_down()
        return answer

    def return_from(self, page: str) -> requests.Response:
        """Come back from a payment page."""
        return self.get(f"success/?session={page}")

    # What the site knows of them

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of a SELECT in which {user} stands for the id."""
        user = self.site.query(f"SELECT id FROM accounts_user WHERE email = '{self.email}'")[0][0]
        return self.site.query(sql.format(user=user))

    def ledger(self) -> list[tuple[str, int]]:
        """Return kind and amount of each entry but the free credits, oldest first."""
        return self.query(
            "SELECT e.kind, e.amount FROM billing_ledgerentry e JOIN billing_creditaccount a ON a.id = e.account_id "
            "WHERE a.user_id = {user} AND e.kind <> 'free' ORDER BY e.id"
        )

    def balance(self) -> int:
        """Return the credits that payments have brought and not taken back."""
        return sum(amount for _, amount in self.ledger())

    def membership(self) -> tuple[str, str]:
        """Return plan and status; two empty strings without one."""
        rows = self.query("SELECT plan_key, status FROM billing_membership WHERE user_id = {user}")
        return tuple(rows[0]) if rows else ("", "")

    def customer_id(self) -> str:
        """Return their newest id at Stripe."""
        sql = "SELECT id FROM djstripe_customer WHERE subscriber_id = {user} ORDER BY djstripe_id DESC"
        return str(self.query(sql)[0][0])

    def subscription_id(self) -> str:
        """Return the id of their subscription."""
        return str(self.query("SELECT stripe_subscription FROM billing_membership WHERE user_id = {user}")[0][0])

    def charges(self) -> list[dict[str, Any]]:
        """Return their charges at Stripe, newest first."""
        return list(self.stripe.api("GET", "charges", customer=self.customer_id(), limit=100)["data"])

    def mails(self) -> list[str]:
        """Return the subjects of the mails that they got."""
        files = sorted((self.site.directory / "mail").glob("*.log"))
        texts = [file.read_text() for file in files]
        lines = [line for text in texts if self.email in text for line in re.findall(r"^Subject: (.+)$", text, re.M)]
        return [str(make_header(decode_header(line))) for line in lines]

    def wait_for_balance(self, amount: int) -> None:
        """Wait until so many credits are there."""
        wait_for(lambda: self.balance() == amount, what=f"{amount} credits, has {self.ledger()}")


def make_people(site: Stack, stripe: Controls, count: int) -> Iterator[Shopper]:
    """Make so many customers at once; starting Django for each would take most of a test's time."""
    for line in site.python(MAKE_PEOPLE.format(count=count)).splitlines():
        email, cookie = line.split()
        shopper = Shopper(site, stripe, email)
        shopper.browser.cookies.set("sessionid", cookie)
        yield shopper
