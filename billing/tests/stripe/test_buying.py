"""Subscribing and buying packs, from our button to the ledger."""

from concurrent.futures import ThreadPoolExecutor

from billing.tests.stripe.shop import Controls, Shopper


def test_subscribing_gives_the_plan_and_its_credits(alice: Shopper) -> None:
    session = alice.buy("starter")
    assert session["payment_status"] == "paid"
    assert alice.membership() == ("starter", "active")
    assert alice.ledger() == [("plan", 250)]


def test_a_pack_gives_its_credits_and_no_plan(alice: Shopper) -> None:
    alice.buy("pack_100")
    assert alice.ledger() == [("pack", 100)]
    assert alice.membership() == ("", "")


def test_a_pack_has_an_invoice(alice: Shopper, stripe: Controls) -> None:
    page = alice.buy("pack_100")
    invoice = stripe.api("GET", f"invoices/{page['invoice']}")
    assert (invoice["status"], invoice["total"]) == ("paid", 300)
    shown = alice.get("").text
    assert invoice["number"] in shown
    assert "Credit pack receipt" not in shown


def test_a_business_gets_its_tax_id_on_its_invoice(alice: Shopper, stripe: Controls) -> None:
    page = alice.open_page("pack_100")
    url = f"{stripe.url}/stripe/checkout/{page}"
    assert "Tax ID" in alice.browser.get(url, timeout=60).text
    alice.press(url, "pay", business_name="Alice Ltd", tax_id="DE123456789")
    invoice = stripe.api("GET", "invoices", customer=alice.customer_id())["data"][0]
    assert [each["value"] for each in invoice["customer_tax_ids"]] == ["DE123456789"]
    assert invoice["customer_name"] == "Alice Ltd"
    assert alice.ledger() == [("pack", 100)]


def test_two_pages_opened_at_the_same_instant_are_one_page(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    # Each request creates its page before the other one looks for others.
    stripe.post("settings", delay_seconds=2)
    with ThreadPoolExecutor() as pool:
        pages = list(pool.map(alice.open_page, ["starter", "pro"]))
    stripe.post("settings", delay_seconds=0)
    left = stripe.api("GET", "checkout/sessions", customer=alice.customer_id(), status="open")["data"]
    assert [page["id"] for page in left] == list(set(pages))


def test_the_receipt_is_mailed_once(alice: Shopper) -> None:
    page = alice.buy("pack_100")
    alice.return_from(page["id"])
    assert alice.mails() == ["Receipt: 100 credits"]


def test_the_success_page_books_before_any_webhook(alice: Shopper, stripe: Controls) -> None:
    stripe.deliver(withhold=True)
    page = alice.pay(alice.open_page("starter"))
    shown = alice.return_from(page["id"]).text
    assert "255" in shown
    assert "You’re on the Starter plan. It renews on" in " ".join(shown.split())
    assert alice.ledger() == [("plan", 250)]
    stripe.deliver(withhold=False)
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]


def test_the_success_page_of_somebody_else_is_not_found(alice: Shopper, bob: Shopper) -> None:
    page = alice.buy("pack_100")
    bob.buy("pack_500")
    assert bob.return_from(page["id"]).status_code == 404
    assert bob.ledger() == [("pack", 500)]


def test_a_declined_card_buys_nothing(alice: Shopper) -> None:
    page = alice.open_page("pack_100")
    alice.pay(page, "pm_card_chargeDeclined")
    assert "You haven’t paid yet" in alice.return_from(page).text
    assert alice.ledger() == []


def test_what_is_not_sold_cannot_be_bought(alice: Shopper) -> None:
    assert alice.post("checkout/", product="free").status_code == 404


def test_a_coupon_of_a_hundred_percent_brings_the_whole_month(alice: Shopper, stripe: Controls) -> None:
    coupon = stripe.api("POST", "coupons", percent_off=100, duration="once")
    page = alice.open_page("starter")
    code = f"FREE{page[-8:]}"
    promotion = {"promotion[coupon]": coupon["id"], "promotion[type]": "coupon", "code": code}
    stripe.api("POST", "promotion_codes", **promotion)
    assert alice.press(f"{stripe.url}/stripe/checkout/{page}", "code", code=code).ok
    assert alice.pay(page)["amount_total"] == 0
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]


def test_a_price_that_was_changed_at_stripe_is_not_what_is_charged(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    dear = {
        "product": "images_in_bulk_starter",
        "currency": "eur",
        "unit_amount": 9_900,
        "recurring[interval]": "month",
    }
    stripe.api("POST", "prices", lookup_key="starter_monthly", transfer_lookup_key="true", **dear)
    session = alice.buy("starter")
    assert (session["amount_total"], session["currency"]) == (500, "usd")
    assert alice.ledger() == [("pack", 100), ("plan", 250)]


def test_the_portal_is_refused_to_customers_who_pay_in_another_currency(alice: Shopper, stripe: Controls) -> None:
    alice.buy("pack_100")
    product = stripe.api("POST", "products", name="A retainer")["id"]
    monthly = {"currency": "eur", "unit_amount": 1_000, "recurring[interval]": "month"}
    euro = stripe.api("POST", "prices", product=product, **monthly)["id"]
    stripe.api("POST", "subscriptions", customer=alice.customer_id(), **{"items[0][price]": euro})
    stripe.settle_down()
    assert alice.post("checkout/", product="starter").status_code == 302
    assert "You weren’t charged" in alice.get("").text
    assert alice.ledger() == [("pack", 100)]
