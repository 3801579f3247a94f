import pytest
import stripe

from .conftest import StandIn, bought, price_of, visit


def seen(session: stripe.checkout.Session, *expand: str) -> stripe.checkout.Session:
    return stripe.checkout.Session.retrieve(session.id, expand=list(expand))


def test_a_session_shows_what_is_bought(alice: stripe.Customer, pack: stripe.Price) -> None:
    session = seen(visit(alice, pack, quantity=2, client_reference_id="7", metadata={"pack": "100"}), "line_items")
    assert (session.status, session.payment_status, session.amount_total, session.currency) == (
        "open",
        "unpaid",
        600,
        "usd",
    )
    assert (session.client_reference_id, session.metadata["pack"]) == ("7", "100")
    assert [(line.price.id, line.quantity) for line in session.line_items] == [(pack.id, 2)]


def test_a_paid_pack_has_its_payment(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    payment = bought(stand_in, alice, pack, payment_intent_data={"metadata": {"purpose": "pack"}})
    assert (payment.status, payment.amount_received, payment.metadata["purpose"]) == ("succeeded", 300, "pack")
    assert "checkout.session.completed" in stand_in.event_types()


def test_a_paid_subscription_has_its_invoice(stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price) -> None:
    session = visit(alice, starter, subscription_data={"metadata": {"user": "1"}})
    assert stand_in.pay(session)
    session = seen(session, "subscription", "invoice.payments")
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (session.subscription.status, session.subscription.metadata["user"]) == ("active", "1")
    assert (session.invoice.status, session.invoice.billing_reason) == ("paid", "subscription_create")
    payment = stripe.PaymentIntent.retrieve(session.invoice.payments.data[0].payment.payment_intent)
    assert payment.amount_received == 500


TAXED = {"automatic_tax": {"enabled": True}, "tax_id_collection": {"enabled": True}}


def test_taxes_of_an_existing_customer_need_its_name_and_address(alice: stripe.Customer) -> None:
    price = price_of("Hat", 900, "hat", tax_behavior="exclusive")
    with pytest.raises(stripe.InvalidRequestError, match="business name"):
        visit(alice, price, **TAXED)
    with pytest.raises(stripe.InvalidRequestError, match="valid address"):
        visit(alice, price, **TAXED, customer_update={"name": "auto"})
    session = visit(alice, price, **TAXED, customer_update={"name": "auto", "address": "auto"})
    assert session.automatic_tax.enabled
    assert session.tax_id_collection.enabled


def test_taxes_need_a_price_that_says_whether_it_includes_them(alice: stripe.Customer, pack: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="tax_behavior"):
        visit(alice, pack, **TAXED, customer_update={"name": "auto", "address": "auto"})


def test_a_declined_card_leaves_the_session_open(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    assert not stand_in.pay(session, "pm_card_chargeDeclined")
    assert seen(session).status == "open"
    assert stand_in.event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_declined_card_begins_no_subscription(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    assert not stand_in.pay(visit(alice, starter), "pm_card_chargeDeclinedInsufficientFunds")
    assert stripe.Subscription.list(customer=alice.id, status="all").data == []


def test_another_card_pays_the_same_session(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    stand_in.pay(session, "pm_card_chargeDeclined")
    assert stand_in.pay(session)
    assert seen(session).payment_status == "paid"


def test_a_bank_debit_is_paid_later(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    stand_in.pay(session, "pm_usBankAccount_success")
    assert (seen(session).status, seen(session).payment_status) == ("complete", "unpaid")
    stand_in.control(f"payment_intents/{seen(session).payment_intent}/settle", succeeded=True)
    assert seen(session).payment_status == "paid"
    assert stand_in.event_types()[-1] == "checkout.session.async_payment_succeeded"


def test_a_bank_debit_can_fail(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    stand_in.pay(session, "pm_usBankAccount_success")
    stand_in.control(f"payment_intents/{seen(session).payment_intent}/settle", succeeded=False)
    assert seen(session).payment_status == "unpaid"
    assert stand_in.event_types()[-1] == "checkout.session.async_payment_failed"


def test_a_bank_debit_arrives_by_itself_after_days(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price
) -> None:
    session = visit(alice, pack)
    stand_in.pay(session, "pm_usBankAccount_success")
    stand_in.control("clock", days=5)
    assert seen(session).payment_status == "paid"


def test_a_full_coupon_makes_a_subscription_free_at_first(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    stripe.Coupon.create(id="FREE", percent_off=100, duration="once")
    session = visit(alice, starter, discounts=[{"coupon": "FREE"}])
    assert (session.amount_total, session.total_details.amount_discount) == (0, 500)
    assert stand_in.pay(session)
    invoice = seen(session, "invoice").invoice
    assert (invoice.status, invoice.amount_paid, invoice.total_discount_amounts[0].amount) == ("paid", 0, 500)


def test_a_full_coupon_makes_a_pack_free(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    stripe.Coupon.create(id="FREE", percent_off=100, duration="once")
    session = visit(alice, pack, discounts=[{"coupon": "FREE"}])
    assert stand_in.pay(session)
    assert (seen(session).payment_status, seen(session).payment_intent) == ("no_payment_required", None)


def test_a_session_expires_after_a_day(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    stand_in.control("clock", days=1.1)
    assert (seen(session).status, seen(session).url) == ("expired", None)
    assert stand_in.event_types()[-1] == "checkout.session.expired"


def test_an_open_session_can_be_expired_at_once(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    assert stripe.checkout.Session.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        stripe.checkout.Session.expire(session.id)


def test_an_inactive_price_cannot_be_bought(alice: stripe.Customer) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        visit(alice, price_of("Old", 400, "old", active=False))


def test_a_recurring_price_needs_the_right_mode(alice: stripe.Customer, starter: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="recurring price"):
        stripe.checkout.Session.create(
            mode="payment", line_items=[{"price": starter.id, "quantity": 1}], success_url="http://x"
        )


def test_a_session_without_a_customer_makes_one(stand_in: StandIn, pack: stripe.Price) -> None:
    line = {"price": pack.id, "quantity": 1}
    fields = {"success_url": "http://127.0.0.1/", "customer_email": "guest@example.org"}
    session = stripe.checkout.Session.create(mode="payment", line_items=[line], **fields)
    stand_in.pay(session)
    assert stripe.Customer.retrieve(seen(session).customer).email == "guest@example.org"


def test_a_subscription_by_bank_debit_begins_before_its_money_comes(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    session = visit(alice, starter)
    stand_in.pay(session, "pm_usBankAccount_success")
    session = seen(session, "subscription", "invoice")
    assert (session.payment_status, session.subscription.status, session.invoice.status) == ("unpaid", "active", "open")
    stand_in.control("clock", days=5)
    assert (seen(session).payment_status, seen(session, "invoice").invoice.status) == ("paid", "paid")


def test_a_subscription_whose_bank_debit_fails_is_past_due(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    session = visit(alice, starter)
    stand_in.pay(session, "pm_usBankAccount_success")
    (payment,) = stripe.InvoicePayment.list(invoice=seen(session).invoice).data
    stand_in.control(f"payment_intents/{payment.payment.payment_intent}/settle", succeeded=False)
    assert stripe.Subscription.retrieve(seen(session).subscription).status == "past_due"
    assert "checkout.session.async_payment_failed" in stand_in.event_types()


def test_a_coupon_can_be_used_up(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    stripe.Coupon.create(id="FIRST", percent_off=50, duration="once", max_redemptions=1)
    assert stand_in.pay(visit(alice, pack, discounts=[{"coupon": "FIRST"}]))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        visit(alice, pack, discounts=[{"coupon": "FIRST"}])
    assert refused.value.code == "coupon_expired"


def test_a_customer_has_one_currency(alice: stripe.Customer, subscription: stripe.Subscription) -> None:
    product = stripe.Product.create(name="Starter in euros")
    euros = stripe.Price.create(product=product.id, currency="eur", unit_amount=500, recurring={"interval": "month"})
    with pytest.raises(stripe.InvalidRequestError, match="combine currencies"):
        visit(alice, euros)


def test_a_pack_can_have_an_invoice(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    asked = {"enabled": True, "invoice_data": {"metadata": {"pack": "100"}}}
    session = visit(alice, pack, quantity=2, invoice_creation=asked)
    stand_in.pay(session)
    session = seen(session, "invoice.payments")
    assert (session.invoice.status, session.invoice.amount_paid, session.invoice.billing_reason) == (
        "paid",
        600,
        "manual",
    )
    assert session.invoice.payments.data[0].payment.payment_intent == session.payment_intent
    assert (session.invoice.lines.data[0].pricing.price_details.price, session.invoice.metadata["pack"]) == (
        pack.id,
        "100",
    )


def test_the_invoice_of_a_bank_debit_is_issued_when_it_is_paid(
    stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price
) -> None:
    session = visit(alice, pack, invoice_creation={"enabled": True})
    stand_in.pay(session, "pm_usBankAccount_success")
    assert seen(session).invoice is None
    stand_in.control("clock", days=5)
    assert seen(session, "invoice").invoice.status == "paid"


def test_a_bank_debit_can_fail_after_days(stand_in: StandIn, alice: stripe.Customer, pack: stripe.Price) -> None:
    session = visit(alice, pack)
    stand_in.pay(session, "pm_usBankAccount_insufficientFunds")
    assert seen(session, "payment_intent").payment_intent.status == "processing"
    stand_in.control("clock", days=5)
    assert stand_in.event_types()[-1] == "checkout.session.async_payment_failed"


def test_a_card_can_end_with_the_month(
    stand_in: StandIn, alice: stripe.Customer, subscription: stripe.Subscription
) -> None:
    stand_in.control(f"customers/{alice.id}/card/expire")
    card = stand_in.last_event("payment_method.automatically_updated").data.object.card
    assert card.exp_year < 2040


def test_an_invoice_whose_bank_debit_is_under_way_is_not_charged_again(
    stand_in: StandIn, alice: stripe.Customer, starter: stripe.Price
) -> None:
    session = visit(alice, starter)
    stand_in.pay(session, "pm_usBankAccount_success")
    invoice = str(seen(session).invoice)
    stripe.Invoice.pay(invoice, payment_method="pm_card_visa")
    assert (stripe.Invoice.retrieve(invoice).status, stripe.Charge.list(customer=alice.id).data) == ("open", [])
