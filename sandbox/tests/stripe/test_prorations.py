"""What a change in the middle of a period costs: with coupons, with another interval, with a new billing date."""

import stripe

from .conftest import StandIn, invoices_of


def subscribe(
    stand_in: StandIn, customer: stripe.Customer, price: stripe.Price, **fields: object
) -> stripe.Subscription:
    """Subscribe, and go to the middle of the first period."""
    subscription = stripe.Subscription.create(customer=customer.id, items=[{"price": price.id}], **fields)
    item = subscription["items"].data[0]
    stand_in.control("clock", to=(item.current_period_start + item.current_period_end) // 2)
    return subscription


def change(subscription: stripe.Subscription, price: stripe.Price | None = None, **fields: object) -> None:
    items = {"items": [{"id": subscription["items"].data[0].id, "price": price.id}]} if price else {}
    stripe.Subscription.modify(subscription.id, **{"proration_behavior": "always_invoice", **items, **fields})


def coupon(**fields: object) -> dict[str, list[dict[str, str]]]:
    return {"discounts": [{"coupon": stripe.Coupon.create(**fields).id}]}


def parts_of(invoice: stripe.Invoice) -> list[tuple[int, list[int]]]:
    """Amount and discount amounts of each line."""
    return [(line.amount, [each.amount for each in line.discount_amounts]) for line in invoice.lines.data]


def test_proration_lines_are_net_of_a_coupon(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter, **coupon(percent_off=20, duration="forever"))
    change(subscription, pro)
    invoice = invoices_of(bob)[-1]
    assert parts_of(invoice) == [(-200, [0]), (760, [0])]
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (560, 560, 560)


def test_itemized_proration_lines_are_gross_and_name_the_discount(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    mode = {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}
    subscription = subscribe(stand_in, bob, starter, billing_mode=mode, **coupon(percent_off=20, duration="forever"))
    change(subscription, pro)
    invoice = invoices_of(bob)[-1]
    assert parts_of(invoice) == [(-250, [-50]), (950, [190])]
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (700, 560, 560)


def test_a_coupon_for_once_is_not_used_again_by_an_upgrade(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter, **coupon(percent_off=50, duration="once"))
    assert stripe.Subscription.retrieve(subscription.id).discounts == []
    change(subscription, pro)
    assert parts_of(invoices_of(bob)[-1]) == [(-125, [0]), (950, [])]
    stand_in.control("clock", months=1)
    assert [invoice.amount_paid for invoice in invoices_of(bob)] == [250, 825, 1900]


def test_proration_lines_come_before_the_months_line(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter)
    change(subscription, pro, proration_behavior="create_prorations")
    stand_in.control("clock", months=1)
    lines = invoices_of(bob)[-1].lines.data
    assert [line.amount for line in lines] == [-250, 950, 1900]
    assert [line.parent.subscription_item_details.proration for line in lines] == [True, True, False]


def test_newer_proration_lines_come_first(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter)
    change(subscription, pro, proration_behavior="create_prorations")
    stand_in.control("clock", days=2)
    change(subscription, starter, proration_behavior="create_prorations")
    stand_in.control("clock", months=1)
    starts = [line.period.start for line in invoices_of(bob)[-1].lines.data[:4]]
    assert starts[0] == starts[1] > starts[2] == starts[3]


def test_a_renewals_coupon_leaves_its_prorations_alone(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter, **coupon(percent_off=20, duration="forever"))
    change(subscription, pro, proration_behavior="create_prorations")
    stand_in.control("clock", months=1)
    invoice = invoices_of(bob)[-1]
    assert parts_of(invoice) == [(-200, [0]), (760, [0]), (1900, [380])]
    assert invoice.total == -200 + 760 + 1900 - 380


def test_another_interval_begins_a_period_that_is_charged_in_full(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price
) -> None:
    yearly = stripe.Price.create(
        product=starter.product, currency="usd", unit_amount=5000, recurring={"interval": "year"}
    )
    subscription = subscribe(stand_in, bob, starter)
    change(subscription, yearly, proration_behavior="create_prorations")
    invoice = invoices_of(bob)[-1]
    assert [line.amount for line in invoice.lines.data] == [-250, 5000]
    assert invoice.lines.data[1].parent.subscription_item_details.proration is False
    assert invoice.status == "paid"


def test_a_reset_of_the_billing_date_charges_a_whole_period_now(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter)
    before = subscription["items"].data[0].current_period_end
    change(subscription, billing_cycle_anchor="now")
    invoice = invoices_of(bob)[-1]
    assert [line.amount for line in invoice.lines.data] == [-250, 500]
    assert (invoice.billing_reason, invoice.amount_paid) == ("subscription_update", 250)
    assert stripe.Subscription.retrieve(subscription.id)["items"].data[0].current_period_end > before


def test_a_coupon_lowers_the_whole_period_after_a_reset_and_its_later_credit(
    stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price, pro: stripe.Price
) -> None:
    subscription = subscribe(stand_in, bob, starter)
    change(subscription, discounts=[{"coupon": stripe.Coupon.create(percent_off=50, duration="once").id}])
    change(subscription, billing_cycle_anchor="now")
    assert parts_of(invoices_of(bob)[-1]) == [(-250, []), (500, [250])]
    item = stripe.Subscription.retrieve(subscription.id)["items"].data[0]
    stand_in.control("clock", to=(item.current_period_start + item.current_period_end) // 2)
    change(subscription, pro)
    assert parts_of(invoices_of(bob)[-1]) == [(-125, [0]), (950, [])]


def test_a_reset_can_go_without_credit(stand_in: StandIn, bob: stripe.Customer, starter: stripe.Price) -> None:
    subscription = subscribe(stand_in, bob, starter)
    change(subscription, billing_cycle_anchor="now", proration_behavior="none")
    assert [line.amount for line in invoices_of(bob)[-1].lines.data] == [500]
