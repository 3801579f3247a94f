"""What a deleted account leaves at Stripe and in our copies of Stripe's objects."""

import re

import pytest

from billing.tests.stripe.shop import Controls, Shopper
from tests.inside import Inside

#: Of ours: who pays, what was paid.
COPIES = ("customer", "invoice", "charge", "paymentintent", "paymentmethod", "session", "subscription", "event")


def copies_of(shopper: Shopper, customer_id: str) -> str:
    """Return the text of our copies that are the customer's."""
    columns = [*((f"djstripe_{name}", "stripe_data") for name in COPIES), ("djstripe_event", "data")]
    columns.append(("djstripe_webhookeventtrigger", "body"))
    texts = [str(row[0]) for table, column in columns for row in shopper.site.query(f"SELECT {column} FROM {table}")]
    return " ".join(text for text in texts if customer_id in text)


def request(inside: Inside, shopper: Shopper) -> None:
    inside.run(f"request_deletion({shopper.email!r})")
    shopper.stripe.settle_down()


def erase(inside: Inside, shopper: Shopper) -> str:
    """Return the public id of the row that is left."""
    public_id = inside.run(f"erase_account({shopper.email!r})")
    shopper.stripe.settle_down()
    return public_id


def renews(shopper: Shopper, subscription_id: str) -> bool:
    subscription = shopper.stripe.api("GET", f"subscriptions/{subscription_id}")
    return not (subscription["cancel_at_period_end"] or subscription["canceled_at"])


def test_a_subscription_is_not_renewed_within_the_grace(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    request(inside, alice)
    assert alice.membership() == ("starter", "ending")
    charges = len(alice.charges())
    stripe.month_later()
    assert len(alice.charges()) == charges


def test_who_keeps_the_account_keeps_the_subscription(alice: Shopper, inside: Inside) -> None:
    alice.buy("starter")
    request(inside, alice)
    inside.run(f"undo_deletion({alice.email!r})")
    assert alice.membership() == ("starter", "active")
    assert renews(alice, alice.subscription_id())


def test_a_subscription_that_the_customer_ended_stays_so(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    stripe.api("POST", f"subscriptions/{alice.subscription_id()}", cancel_at_period_end="true")
    stripe.settle_down()
    request(inside, alice)
    inside.run(f"undo_deletion({alice.email!r})")
    assert alice.membership() == ("starter", "ending")


def test_the_customer_is_deleted_at_stripe(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    customer, subscription = alice.customer_id(), alice.subscription_id()
    request(inside, alice)
    erase(inside, alice)
    assert stripe.api("GET", f"customers/{customer}").get("deleted")
    assert stripe.api("GET", f"subscriptions/{subscription}")["status"] == "canceled"


@pytest.mark.on_both
def test_our_copies_keep_the_amounts_and_forget_the_person(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    alice.buy("pack_100")
    customer = alice.customer_id()
    assert alice.email in copies_of(alice, customer)
    request(inside, alice)
    erase(inside, alice)
    stripe.replay(customer)
    stripe.settle_down()
    left = copies_of(alice, customer)
    assert alice.email not in left
    assert re.search(r'"amount": ?300\b', left)
    assert not re.search(r'"hosted_invoice_url": ?"', left)


def test_an_invoice_that_is_paid_after_the_deletion_does_no_harm(
    alice: Shopper, stripe: Controls, inside: Inside
) -> None:
    alice.buy("starter")
    customer = alice.customer_id()
    invoice = stripe.api("GET", "invoices", customer=customer)["data"][0]["id"]
    request(inside, alice)
    erase(inside, alice)
    about = {"object": "invoice", "id": invoice, "customer": customer}
    answers = [
        *stripe.post("deliveries/forge", type="invoice.paid", object=about)["answers"],
        *stripe.post("deliveries/forge", type="invoice.updated", object=about)["answers"],
    ]
    assert {answer["status"] for answer in answers} == {200}
    assert alice.email not in copies_of(alice, customer)


def test_a_refund_after_the_deletion_is_mailed_to_nobody(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("pack_100")
    charge = alice.charges()[0]["id"]
    request(inside, alice)
    public_id = erase(inside, alice)
    stripe.api("POST", "refunds", charge=charge, amount=300)
    stripe.settle_down()
    mails = [file.read_text() for file in (alice.site.directory / "mail").glob("*.log")]
    assert mails
    assert not any(public_id in text for text in mails)


def test_a_stripe_that_is_away_delays_the_erasure(alice: Shopper, stripe: Controls, inside: Inside) -> None:
    alice.buy("starter")
    stripe.post("settings", fail_count=1000)
    request_without_events = f"request_deletion({alice.email!r})"
    inside.run(request_without_events)
    assert inside.run(f"erase_account({alice.email!r})") == "not yet"
    stripe.post("settings", fail_count=0)
    assert inside.run(f"erase_account({alice.email!r})") != "not yet"
