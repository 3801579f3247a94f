"""Subscribing and buying packs, from our button to the ledger."""

import re

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


def test_the_receipt_is_mailed_once(alice: Shopper) -> None:
    page = alice.buy("pack_100")
    alice.return_from(page["id"])
    assert alice.mails() == ["Receipt: 100 credits"]


def test_the_success_page_books_before_any_webhook(alice: Shopper, stripe: Controls) -> None:
    stripe.deliver(withhold=True)
    page = alice.pay(alice.open_page("starter"))
    assert "255" in alice.return_from(page["id"]).text
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
    assert "under way" in alice.return_from(page).text
    assert alice.ledger() == []


def test_what_is_not_sold_cannot_be_bought(alice: Shopper) -> None:
    assert alice.post("checkout/", product="free").status_code == 404


def redeem(shopper: Shopper, page: str, code: str) -> None:
    """Type a promotion code on the payment page."""
    url = f"{shopper.stripe.url}/stripe/checkout/{page}"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shopper.browser.get(url, timeout=30).text)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "code": code}
    assert shopper.browser.post(f"{url}/code", data=form, headers={"Referer": url}, timeout=30).ok


def test_a_coupon_of_a_hundred_percent_brings_the_whole_month(alice: Shopper, stripe: Controls) -> None:
    coupon = stripe.api("POST", "coupons", percent_off=100, duration="once")
    page = alice.open_page("starter")
    code = f"FREE{page[-8:]}"
    promotion = {"promotion[coupon]": coupon["id"], "promotion[type]": "coupon", "code": code}
    stripe.api("POST", "promotion_codes", **promotion)
    redeem(alice, page, code)
    assert alice.pay(page)["amount_total"] == 0
    stripe.settle_down()
    assert alice.ledger() == [("plan", 250)]
