import pytest
import stripe

from sandbox.mail import newest_first
from sandbox.tests.conftest import Sandbox

from .conftest import StandIn, invoices_of


def draft(customer: stripe.Customer, **fields: object) -> stripe.Invoice:
    return stripe.Invoice.create(customer=customer.id, **fields)


def add(invoice: stripe.Invoice, price: stripe.Price, **fields: object) -> stripe.InvoiceItem:
    return stripe.InvoiceItem.create(
        customer=invoice.customer, invoice=invoice.id, pricing={"price": price.id}, **fields
    )


def test_an_invoice_is_made_filled_finalised_and_sent(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price
) -> None:
    invoice = draft(alice, collection_method="send_invoice", days_until_due=30)
    add(invoice, pack, quantity=2)
    invoice = stripe.Invoice.finalize_invoice(invoice.id)
    assert (invoice.status, invoice.amount_due, invoice.billing_reason) == ("open", 600, "manual")
    assert invoice.due_date == invoice.created + 30 * 86400
    assert stripe.Invoice.send_invoice(invoice.id).hosted_invoice_url
    assert stand_in.event_types()[-1] == "invoice.sent"


def test_a_sent_invoice_is_an_email(
    sandbox: Sandbox, stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price
) -> None:
    invoice = draft(alice, collection_method="send_invoice", days_until_due=30)
    add(invoice, pack)
    sent = stripe.Invoice.send_invoice(invoice.id)
    (email,) = [each for each in newest_first(sandbox.mail_dir) if sent.number in each.subject]
    assert (email.recipient, sent.hosted_invoice_url in email.body) == ("alice@example.org", True)
    assert f"Invoice {sent.number}: 3.00 USD" in sandbox.page("/mail/").text


def test_an_invoice_of_a_customer_without_an_address_cannot_be_sent(pack: stripe.Price) -> None:
    invoice = draft(stripe.Customer.create())
    add(invoice, pack)
    with pytest.raises(stripe.InvalidRequestError, match="no email address"):
        stripe.Invoice.send_invoice(invoice.id)


def test_a_line_names_its_price(alice: stripe.Customer, pack: stripe.Price) -> None:
    invoice = draft(alice)
    add(invoice, pack)
    (line,) = stripe.Invoice.retrieve(invoice.id).lines.data
    assert (line.pricing.price_details.price, line.amount, line.description) == (pack.id, 300, "100 credits")


def test_an_open_invoice_is_paid_with_a_card(alice: stripe.Customer, pack: stripe.Price) -> None:
    invoice = draft(alice)
    add(invoice, pack)
    paid = stripe.Invoice.pay(invoice.id, payment_method="pm_card_visa", expand=["payments"])
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 300, 0)
    assert paid.payments.data[0].status == "paid"


def test_a_refused_card_leaves_the_invoice_open(alice: stripe.Customer, pack: stripe.Price) -> None:
    invoice = draft(alice)
    add(invoice, pack)
    with pytest.raises(stripe.CardError):
        stripe.Invoice.pay(invoice.id, payment_method="pm_card_chargeDeclined")
    assert stripe.Invoice.retrieve(invoice.id).status == "open"


def test_a_payment_leads_to_its_invoice(alice: stripe.Customer, subscription: stripe.Subscription) -> None:
    invoice = invoices_of(alice)[0]
    (payment,) = stripe.InvoicePayment.list(invoice=invoice.id).data
    intent = payment.payment.payment_intent
    found = stripe.InvoicePayment.list(payment={"type": "payment_intent", "payment_intent": intent}).data
    assert [each.invoice for each in found] == [invoice.id]


def test_a_draft_can_be_deleted(alice: stripe.Customer) -> None:
    invoice = draft(alice)
    assert stripe.Invoice.delete(invoice.id).deleted
    assert invoices_of(alice) == []


def test_a_finalised_invoice_takes_no_more_items(alice: stripe.Customer, pack: stripe.Price) -> None:
    invoice = draft(alice)
    add(invoice, pack)
    stripe.Invoice.finalize_invoice(invoice.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        add(invoice, pack)
    assert refused.value.code == "invoice_not_editable"


def test_an_invoice_for_nothing_is_paid_at_once(alice: stripe.Customer) -> None:
    assert stripe.Invoice.finalize_invoice(draft(alice).id).status == "paid"


def test_a_draft_that_advances_by_itself_is_charged_after_an_hour(stand_in: StandIn, pack: stripe.Price) -> None:
    bob = stripe.Customer.create(payment_method="pm_card_visa")
    invoice = draft(bob, auto_advance=True)
    add(invoice, pack)
    stand_in.control("clock", seconds=3700)
    assert stripe.Invoice.retrieve(invoice.id).status == "paid"


def test_an_invoice_to_be_sent_needs_a_date(alice: stripe.Customer) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        draft(alice, collection_method="send_invoice")
    assert refused.value.param == "days_until_due"


def test_a_recurring_price_is_no_single_item(alice: stripe.Customer, starter: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="type=one_time"):
        add(draft(alice), starter)


def test_a_coupon_lowers_an_invoice(alice: stripe.Customer, pack: stripe.Price) -> None:
    stripe.Coupon.create(id="TENTH", percent_off=10, duration="once")
    invoice = draft(alice, discounts=[{"coupon": "TENTH"}])
    add(invoice, pack)
    assert stripe.Invoice.retrieve(invoice.id, expand=["discounts"]).total == 270
