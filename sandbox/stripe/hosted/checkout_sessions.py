"""Checkout sessions: what is on the payment page, and what paying there does."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.stripe.billing.invoice_lines import Line
from sandbox.stripe.errors import invalid, refuse_unsupported
from sandbox.stripe.resource import Resource, listed, metadata
from sandbox.stripe.store import Obj, new_id

from .checkout_params import blank, check, check_tax_behavior, check_taxes, given_fields

DAY_SECONDS = 24 * 3600
SHORTEST_LIFE_SECONDS = 30 * 60
# https://docs.stripe.com/payments/checkout/limit-subscriptions
SUBSCRIBED = ("active", "past_due", "unpaid", "paused")


class CheckoutSessions(Resource):
    """One visit of a customer to the payment page each."""

    kind, prefix = "checkout.session", "cs_test"
    filters = ("customer", "payment_intent", "status", "subscription")

    def create(self, params: Obj) -> Obj:
        """Prepare the page. Everything on it must be on sale."""
        check(params)
        named = params.get("customer")
        check_taxes(params, self.stripe.customers.get(named, "customer") if named else None)
        session_id = new_id("cs_test", 58)
        session = self.add(**{
            **blank(), **given_fields(params),
            "id": session_id,
            "cancel_url": params.get("cancel_url"),
            "expires_at": self._expiry(params),
            "success_url": params["success_url"],
            "url": f"{self.stripe.base_url}/stripe/checkout/{session_id}",
        })  # fmt: skip
        items = [self._item(session, given, number) for number, given in enumerate(params["line_items"])]
        for item in items:
            check_tax_behavior(params, item["price"])
        names = ("subscription_data", "payment_intent_data", "invoice_creation", "customer_update")
        hidden = {name: params.get(name) for name in names}
        self.store.hidden(session["id"]).update(hidden, items=items, given_discounts=params.get("discounts") or [])
        session["currency"] = self._currency_of(items, params)
        if params["mode"] == "subscription" and not any(item["price"]["recurring"] for item in items):
            raise invalid("You must provide at least one recurring price in `subscription` mode.", "mode")
        self._set_customer(session, params)
        self._add_up(session)
        self.store.schedule(session["expires_at"], "session_expires", session["id"])
        return session

    def items(self, session: Obj) -> list[Obj]:
        items: list[Obj] = self.store.hidden(session["id"])["items"]
        return items

    def included_items(self, session: Obj) -> Obj:
        """The list that `expand: line_items` puts into a session."""
        return listed(self.items(session), f"/v1/checkout/sessions/{session['id']}/line_items")

    def expire(self, params: Obj, object_id: str) -> Obj:
        """Close a page that has not been paid."""
        session = self.get(object_id)
        if session["status"] != "open":
            raise invalid(
                f'Only Checkout Sessions with a status in ["open"] can be expired. It is {session["status"]}.'
            )
        session.update(status="expired", url=None)
        self.emit("expired", session)
        return session

    def expiry_due(self, object_id: str) -> None:
        """Expire a page that was open for too long."""
        if self.get(object_id)["status"] == "open":
            self.expire({}, object_id)

    def redeem(self, session: Obj, word: str) -> bool:
        """Apply a promotion code that was typed on the page; False when it is not valid."""
        promotion = self.stripe.promotion_codes.active(word)
        if promotion is None or not session["allow_promotion_codes"]:
            return False
        self.store.hidden(session["id"])["given_discounts"] = [{"promotion_code": promotion["id"]}]
        self._add_up(session)
        return True

    def pay(self, session: Obj, card: str) -> bool:
        """Pay with a test card as the page does. Returns False if it is declined; the page then stays open.

        A card that needs authentication has got it: that is the page before. No card is for a trial that needs none.
        """
        if session["status"] != "open":
            raise invalid(f"This Checkout Session is {session['status']}.")
        customer = self._customer(session)
        if not card:
            return self._subscribe_without_card(session, customer)
        method = self.stripe.payment_methods.of_card(card)
        method["customer"] = customer["id"]
        if session["mode"] == "subscription":
            return self._subscribe(session, customer, method)
        return self._buy(session, customer, method)

    def collect_tax_id(self, session: Obj, business_name: str, tax_id: str) -> None:
        """Note what a business has entered on the page; it is put on the invoice and saved for the next ones."""
        if session["tax_id_collection"]["enabled"] and tax_id and session["status"] == "open":
            customer = self._customer(session)
            self.store.hidden(customer["id"])["tax_ids"] = [{"type": "unknown", "value": tax_id}]
            self.store.hidden(session["id"])["business_name"] = business_name or None
            if business_name and (self.store.hidden(session["id"])["customer_update"] or {}).get("name") == "auto":
                self.stripe.customers.update({"name": business_name}, customer["id"])

    def authentication_failed(self, session: Obj) -> None:
        """The customer has failed the 3-D Secure check: the page stays open."""
        self._refuse_card(session, self._customer(session), "payment_intent_authentication_failure")

    def trial_end(self, session: Obj) -> int | None:
        """When the free trial ends that the page offers; None without one."""
        return self.stripe.trials.asked_for(self.store.hidden(session["id"])["subscription_data"] or {})

    def needs_no_card(self, session: Obj) -> bool:
        """Whether a trial can begin without a card."""
        return bool(session["payment_method_collection"] == "if_required" and session["amount_total"] == 0)

    def must_manage_instead(self, session: Obj) -> bool:
        """Whether the customer has a subscription already, and the account limits customers to one."""
        if session["mode"] != "subscription" or not self.stripe.behaviour.limits_to_one_subscription:
            return False
        subscriptions = self.stripe.subscriptions.open_of(session["customer"] or "")
        return any(each["status"] in SUBSCRIBED for each in subscriptions)

    def payment_settled(self, intent: Obj) -> None:
        """A bank debit has been paid or has failed after its page was completed."""
        for session in self.all():
            if self._intent_of(session) != intent["id"] or session["status"] != "complete":
                continue
            if session["payment_status"] == "unpaid":
                succeeded = intent["status"] == "succeeded"
                if succeeded and session["mode"] == "payment":
                    self._issue_invoice(session)
                session["payment_status"] = "paid" if succeeded else "unpaid"
                self.emit(f"async_payment_{'succeeded' if succeeded else 'failed'}", session)

    def _buy(self, session: Obj, customer: Obj, method: Obj) -> bool:
        given = self.store.hidden(session["id"])["payment_intent_data"] or {}
        if session["amount_total"] == 0:
            return self._complete_order(session, customer, "no_payment_required")
        intent = self.store.find("payment_intent", session["payment_intent"] or "")
        if intent is None:
            fields = {"description": given.get("description"), "metadata": metadata(given.get("metadata"))}
            amount, currency = session["amount_total"], session["currency"]
            intent = self.stripe.payment_intents.make(amount, currency, customer["id"], **fields)
            session["payment_intent"] = intent["id"]
        with self._as_authenticated(method):
            accepted = self.stripe.payment_intents.attempt(intent, method)
        if not accepted:
            return False
        if given.get("setup_future_usage"):
            self._save_card(customer, method)
        else:
            method["customer"] = None
        return self._complete_order(session, customer, "paid" if intent["status"] == "succeeded" else "unpaid")

    def _complete_order(self, session: Obj, customer: Obj, payment_status: str) -> bool:
        hidden = self.store.hidden(session["id"])
        owner = {"customer": customer["id"], "checkout_session": session["id"]}
        hidden["discounts"] = [self.stripe.discounts.give(each, **owner)["id"] for each in hidden["given_discounts"]]
        if payment_status != "unpaid":
            self._issue_invoice(session)
        return self._complete(session, customer, payment_status)

    def _issue_invoice(self, session: Obj) -> None:
        """Issue the invoice of a paid order, if the request asked for one (`invoice_creation`)."""
        hidden = self.store.hidden(session["id"])
        given = hidden.get("invoice_creation") or {}
        if not given.get("enabled"):
            return
        lines = [
            Line(
                item["amount_subtotal"], item["currency"], item["description"], (self.now, self.now), item["price"],
                item["quantity"],
            )
            for item in self.items(session)
        ]  # fmt: skip
        data = given.get("invoice_data") or {}
        fields = {"description": data.get("description"), "metadata": metadata(data.get("metadata"))}
        customer = self.stripe.customers.get(session["customer"])
        invoice = self.stripe.invoices.make(
            customer, session["currency"], lines, "manual", discounts=hidden["discounts"], **fields
        )
        self.stripe.invoices.finalize_paid(invoice, self.store.find("payment_intent", session["payment_intent"] or ""))
        session["invoice"] = invoice["id"]

    def _subscribe(self, session: Obj, customer: Obj, method: Obj) -> bool:
        card = self.stripe.payment_methods.card_of(method["id"])
        if card.declines and not card.attaches:
            self._refuse_card(session, customer, card.declines)
            return False
        self._save_card(customer, method)
        subscription = self._begin(session, customer, method["id"])
        # A card that fails only later (0341) pays the first invoice: that is what it is for here.
        with self._as_authenticated(method, also_if_declined=True):
            paid = self.stripe.subscriptions.pay_first(subscription)
        status = "paid" if paid else "unpaid"
        return self._complete(session, customer, status if session["amount_total"] else "no_payment_required")

    def _subscribe_without_card(self, session: Obj, customer: Obj) -> bool:
        if not self.needs_no_card(session):
            raise invalid("This Checkout Session needs a payment method.", "payment_method")
        self.stripe.subscriptions.pay_first(self._begin(session, customer, None))
        return self._complete(session, customer, "no_payment_required")

    def _begin(self, session: Obj, customer: Obj, method_id: str | None) -> Obj:
        hidden = self.store.hidden(session["id"])
        items = [{"price": item["price"]["id"], "quantity": item["quantity"]} for item in hidden["items"]]
        given = hidden["subscription_data"] or {}
        params = {**given, "discounts": hidden["given_discounts"], "default_payment_method": method_id}
        subscription = self.stripe.subscriptions.begin(customer, items, params)
        session.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])
        self.stripe.subscriptions.emit("created", subscription)
        return subscription

    @contextmanager
    def _as_authenticated(self, method: Obj, *, also_if_declined: bool = False) -> Iterator[None]:
        """Let a card pay as if its owner had confirmed it."""
        hidden, card = self.store.hidden(method["id"]), self.stripe.payment_methods.card_of(method["id"])
        name = hidden["card"]
        if card.needs_authentication or (also_if_declined and card.declines and not card.is_delayed):
            hidden["card"] = "pm_card_visa"
        try:
            yield
        finally:
            hidden["card"] = name

    def _refuse_card(self, session: Obj, customer: Obj, code: str) -> None:
        """A declined card leaves no subscription behind, only a failed payment."""
        if session["amount_total"]:
            intent = self.stripe.payment_intents.make(session["amount_total"], session["currency"], customer["id"])
            self.stripe.payment_intents.fail(intent, code)

    def _save_card(self, customer: Obj, method: Obj) -> None:
        self.stripe.payment_methods.emit("attached", method)
        self.stripe.customers.use_card(customer, method["id"])

    def _complete(self, session: Obj, customer: Obj, payment_status: str) -> bool:
        details = {
            **{name: customer[name] for name in ("address", "email", "name")},
            "business_name": self.store.hidden(session["id"]).get("business_name"),
            "individual_name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": self.store.hidden(customer["id"]).get("tax_ids", []),
        }
        session.update(status="complete", payment_status=payment_status, url=None, customer_details=details)
        self.emit("completed", session)
        return True

    def _customer(self, session: Obj) -> Obj:
        if session["customer"]:
            return self.stripe.customers.get(session["customer"], "customer")
        customer = self.stripe.customers.create({"email": session["customer_email"] or "payer@example.com"})
        session["customer"] = customer["id"]
        return customer

    def _intent_of(self, session: Obj) -> str | None:
        """The payment of a session: its own, or that of its subscription's first invoice."""
        payments = self.stripe.invoice_payments.of_invoice(session["invoice"])["data"]
        paid_by: str | None = payments[0]["payment"]["payment_intent"] if payments else session["payment_intent"]
        return paid_by

    def _item(self, session: Obj, given: Obj, number: int) -> Obj:
        param = f"line_items[{number}]"
        refuse_unsupported(given, "price_data", "adjustable_quantity")
        price = self.stripe.prices.sold(given.get("price", ""), f"{param}[price]")
        if session["mode"] == "payment" and price["type"] == "recurring":
            message = "You specified `payment` mode but passed a recurring price. Use `subscription` mode instead."
            raise invalid(message, f"{param}[price]")
        quantity = given.get("quantity", 1)
        if quantity < 1:
            raise invalid(
                "This value must be greater than or equal to 1.", f"{param}[quantity]", "parameter_invalid_integer"
            )
        amount = price["unit_amount"] * quantity
        name = self.stripe.products.get(price["product"])["name"]
        return {
            "id": new_id("li"), "object": "item", "amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0,
            "amount_total": amount, "currency": price["currency"], "description": name, "discounts": [], "metadata": {},
            "price": price, "quantity": quantity,
        }  # fmt: skip

    def _add_up(self, session: Obj) -> None:
        """Add up what is due today: items, less coupons; a trial makes the recurring items free."""
        items = self.items(session)
        is_trial = self.trial_end(session) is not None
        due = [item for item in items if not (is_trial and item["price"]["recurring"])]
        subtotal = sum(item["amount_subtotal"] for item in due)
        given = self.store.hidden(session["id"])["given_discounts"]
        total = max(0, subtotal - self._taken_off(given, subtotal))
        session.update(
            amount_subtotal=subtotal, amount_total=total, discounts=[_shown(each) for each in given],
            total_details={"amount_discount": subtotal - total, "amount_shipping": 0, "amount_tax": 0},
        )  # fmt: skip
        for item in due:
            item["amount_discount"] = (subtotal - total) * item["amount_subtotal"] // subtotal if subtotal else 0
            item["amount_total"] = item["amount_subtotal"] - item["amount_discount"]

    def _taken_off(self, given: list[Obj], subtotal: int) -> int:
        return sum(self.stripe.discounts.preview(each, subtotal) for each in given)

    def _currency_of(self, items: list[Obj], params: Obj) -> str:
        """The one currency of all items; a subscription's must be that of the customer's other subscriptions."""
        currency = str(items[0]["currency"])
        if any(item["currency"] != currency for item in items):
            raise invalid("All prices on a Checkout Session must have the same currency.", "line_items")
        if params["mode"] == "subscription" and params.get("customer"):
            self.stripe.subscriptions.refuse_another_currency(params["customer"], currency)
        return currency

    def _set_customer(self, session: Obj, params: Obj) -> None:
        if customer := params.get("customer"):
            email = self.stripe.customers.get(customer, "customer")["email"]
            empty = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone", "tax_ids"))
            session.update(customer=customer, customer_details={**empty, "email": email, "tax_exempt": "none"})
        else:
            session.update(customer_email=params.get("customer_email"))

    def _expiry(self, params: Obj) -> int:
        expires_at = params.get("expires_at") or self.now + DAY_SECONDS
        if not self.now + SHORTEST_LIFE_SECONDS - 60 <= expires_at <= self.now + DAY_SECONDS + 60:
            raise invalid(
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
                "expires_at",
            )
        return int(expires_at)


def _shown(given: Obj) -> Obj:
    return {"coupon": given.get("coupon"), "promotion_code": given.get("promotion_code")}
