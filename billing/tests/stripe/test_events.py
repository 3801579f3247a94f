"""Events that come twice, in any order, late, forged or too large."""

import pytest
import requests

from billing.tests.stripe.shop import TOKEN, Controls, Shopper
from tests.processes import wait_for
from tests.servers import Stack

INVOICE = {"object": "invoice", "id": "in_1"}


@pytest.mark.on_both
def test_events_that_come_again_change_nothing(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    stripe.replay(alice.customer_id(), copies=3)
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]
    assert alice.membership() == ("starter", "active")


@pytest.mark.on_both
def test_shuffled_doubled_events_on_eight_threads_end_in_the_same_books(
    alice: Shopper, bob: Shopper, stripe: Controls
) -> None:
    stripe.deliver(withhold=True)
    for shopper in (alice, bob):
        shopper.pay(shopper.open_page("starter"))
        shopper.pay(shopper.open_page("pack_100"))
        pack = next(charge for charge in shopper.charges() if charge["amount"] == 300)
        stripe.api("POST", "refunds", charge=pack["id"], amount=150)
    stripe.post("clock", months=1)
    stripe.deliver(withhold=False, shuffle=True, copies=2, workers=8, retry_seconds=0.2)
    stripe.replay(alice.customer_id(), bob.customer_id())
    stripe.settle_down()
    for shopper in (alice, bob):
        replaced = [("expiry", -250), ("plan", 250), ("plan", 250)]
        assert sorted(shopper.ledger()) == sorted([*replaced, ("pack", 100), ("refund", -50)])
        assert shopper.membership() == ("starter", "active")


def test_a_forged_event_is_refused(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    charge = {"object": "charge", "id": alice.charges()[0]["id"], "customer": alice.customer_id(), "refunded": True}
    forged = stripe.post("deliveries/forge", type="charge.refunded", object=charge, secret="whsec_guessed")
    assert {answer["status"] for answer in forged["answers"]} == {400}
    assert alice.ledger() == [("pack", 100)]


def test_an_event_of_the_live_mode_is_refused(shop: object, alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    forged = stripe.post("deliveries/forge", type="invoice.paid", object=INVOICE, livemode=True)
    assert {answer["status"] for answer in forged["answers"]} == {400}


GONE = [
    ("checkout.session.completed", {"object": "checkout.session", "id": "cs_test_gone"}),
    ("invoice.paid", {"object": "invoice", "id": "in_gone"}),
    ("invoice.payment_failed", {"object": "invoice", "id": "in_gone"}),
    ("customer.subscription.updated", {"object": "subscription", "id": "sub_gone"}),
    ("refund.created", {"object": "refund", "id": "re_gone", "charge": "ch_gone"}),
    ("charge.refunded", {"object": "charge", "id": "ch_gone"}),
    ("charge.dispute.created", {"object": "dispute", "id": "dp_gone", "charge": "ch_gone"}),
    ("customer.updated", {"object": "customer", "id": "cus_gone"}),
]


@pytest.mark.parametrize(("kind", "about"), GONE, ids=[kind for kind, _ in GONE])
def test_an_event_about_an_object_that_is_gone_books_nothing(
    alice: Shopper, stripe: Controls, kind: str, about: dict[str, str]
) -> None:
    alice.buy("pack_100")
    forged = stripe.post("deliveries/forge", type=kind, object={"customer": alice.customer_id(), **about})
    assert {answer["status"] for answer in forged["answers"]} == {200}
    assert alice.ledger() == [("pack", 100)]


def test_an_old_signature_is_refused(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    forged = stripe.post("deliveries/forge", type="invoice.paid", object=INVOICE, age_seconds=400)
    assert {answer["status"] for answer in forged["answers"]} == {400}


def test_a_body_of_a_megabyte_is_refused(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    large = {"object": "invoice", "id": "in_large"}
    forged = stripe.post("deliveries/forge", type="invoice.paid", object=large, padding_bytes=1_000_000)
    assert {answer["status"] for answer in forged["answers"]} == {413}


@pytest.mark.on_both
def test_a_crash_of_stripe_while_we_book_is_made_up_for(alice: Shopper, stripe: Controls) -> None:
    page = alice.open_page("starter")
    stripe.post("settings", fail_count=12, fail_path="/v1/invoices/", fail_status=500)
    alice.pay(page)
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]


@pytest.mark.parametrize("forwarded_for", ["1.2.3.4, " + "f" * 500, "x" * 40, "fe80::1%eth0", ""])
def test_whatever_a_proxy_says_about_the_sender_is_no_fault_of_ours(alice: Shopper, forwarded_for: str) -> None:
    alice.buy("pack_100")
    url = alice.site.query("SELECT url FROM djstripe_webhookendpoint")[0][0]
    headers = {"X-Forwarded-For": forwarded_for, "Stripe-Signature": "t=1,v1=00"}
    event = {"id": "evt_1", "type": "invoice.paid", "livemode": False, "data": {"object": INVOICE}}
    answer = requests.post(url, json=event, headers=headers, timeout=60)
    assert answer.status_code == 400


def test_an_event_from_the_future_books_nothing_twice(alice: Shopper, stripe: Controls) -> None:
    alice.buy("starter")
    invoice = stripe.api("GET", "invoices", customer=alice.customer_id())["data"][0]
    result = stripe.post("deliveries/forge", type="invoice.paid", object=invoice, age_seconds=-86_400)
    assert {answer["status"] for answer in result["answers"]} == {200}
    assert alice.ledger() == [("plan", 250)]


@pytest.mark.on_both
def test_a_web_server_killed_while_it_books_loses_and_doubles_nothing(
    alice: Shopper, shop: Stack, stripe: Controls
) -> None:
    page = alice.open_page("starter")
    requests.delete(f"{stripe.url}/sandbox/stripe/requests", timeout=60)
    stripe.post("settings", delay_seconds=5)
    alice.pay(page)
    # One question about the payment is answered, the next one is under way: the booking is half done.
    wait_for(lambda: stripe.get("requests")["requests"])
    shop.web.kill9()
    assert alice.ledger() == []
    shop.start_web()
    stripe.post("settings", delay_seconds=0)
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]
    assert alice.membership() == ("starter", "active")


@pytest.fixture(scope="session")
def olga(running_shop: Stack) -> requests.Session:
    """The browser of Olga, who may do everything."""
    running_shop.manage("create_user", "olga-of-events@example.org", "--superuser")
    browser = requests.Session()
    browser.cookies.set("sessionid", running_shop.session_of("olga-of-events@example.org"))
    return browser


def test_a_delivery_that_failed_is_run_again_by_an_operator(
    alice: Shopper, olga: requests.Session, shop: Stack, stripe: Controls
) -> None:
    page = alice.open_page("starter")
    stripe.deliver(max_attempts=1)
    stripe.post("settings", fail_count=1_000, fail_path="/v1/invoices/", fail_status=500)
    alice.pay(page)
    stripe.settle_down()
    assert alice.ledger() == []
    stripe.post("settings", fail_count=0)
    failed = failed_deliveries(shop, alice)
    for _ in range(2):
        assert "invoice.paid: done" in run_again(olga, shop, failed)
        assert alice.ledger() == [("plan", 250)]
        assert alice.membership() == ("starter", "active")


def test_deliveries_about_objects_that_are_gone_say_so_when_they_are_run_again(
    alice: Shopper, olga: requests.Session, shop: Stack, stripe: Controls
) -> None:
    alice.buy("pack_100")
    for kind, about in GONE:
        stripe.post("deliveries/forge", type=kind, object={"customer": alice.customer_id(), **about})
    page = run_again(olga, shop, failed_deliveries(shop, alice))
    assert [kind for kind, _ in GONE if f"{kind}: " not in page] == []


def failed_deliveries(shop: Stack, shopper: Shopper) -> list[int]:
    """Return the ids of the deliveries about a customer that could not be booked."""
    about = f"body LIKE '%{shopper.customer_id()}%'"
    return [
        pk for (pk,) in shop.query(f"SELECT id FROM djstripe_webhookeventtrigger WHERE exception <> '' AND {about}")
    ]


def run_again(olga: requests.Session, shop: Stack, chosen: list[int]) -> str:
    """Run the chosen deliveries again in the admin, and return the page that follows."""
    url = f"{shop.url}/admin/djstripe/webhookeventtrigger/"
    token = TOKEN.search(olga.get(url, timeout=60).text)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "action": "run_again", "_selected_action": chosen}
    return olga.post(url, data=form, headers={"Referer": url}, timeout=60).text
