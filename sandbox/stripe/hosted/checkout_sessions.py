"""Checkout sessions: what is on the hosted page, and what paying there sets going."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.resource import Resource, listed, metadata
from sandbox.stripe.store import Obj, new_id

from .checkout_params import blank, check, given_fields

DAY_SECONDS = 24 * 3600
SHORTEST_LIFE_SECONDS = 30 * 60


class CheckoutSessions(Resource):
    """One visit of a customer to the hosted page each."""

    kind, prefix = "checkout.session", "cs_test"
    filters = ("customer", "payment_intent", "status", "subscription")

    def create(self, params: Obj) -> Obj:
        """Prepare the page; everything that is sold on it must be buyable now."""
        check(params)
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
        names = ("subscription_data", "payment_intent_data", "payment_method_types")
        hidden = {name: params.get(name) for name in names}
        self.store.hidden(session["id"]).update(hidden, items=items, given_discounts=params.get("discounts") or [])
        session["currency"] = self._currency_of(items, params)
        if params["mode"] == "subscription" and not any(item["price"]["recurring"] for item in items):
            raise invalid("You must provide at least one recurring price in `subscription` mode.", "mode")
        self._set_customer(session, params)
        self._reckon(session)
        self.store.schedule(session["expires_at"], "session_expires", session["id"])
        return session

    def items(self, session: Obj) -> list[Obj]:
        """What is bought."""
        items: list[Obj] = self.store.hidden(session["id"])["items"]
        return items

    def included_items(self, session: Obj) -> Obj:
        """The list that `expand: line_items` puts into a session."""
        return listed(self.items(session), f"/v1/checkout/sessions/{session['id']}/line_items")

    def expire(self, params: Obj, object_id: str) -> Obj:
        """Close a page that nobody has paid on."""
        session = self.get(object_id)
        if session["status"] != "open":
            raise invalid(
                f'Only Checkout Sessions with a status in ["open"] can be expired. It is {session["status"]}.'
            )
        session.update(status="expired", url=None)
        self.emit("expired", session)
        return session

    def expiry_due(self, object_id: str) -> None:
        """The page's time is over."""
        if self.get(object_id)["status"] == "open":
            self.expire({}, object_id)

    def redeem(self, session: Obj, word: str) -> bool:
        """Apply a promotion code that was typed on the page; False when it is not valid."""
        promotion = self.stripe.promotion_codes.active(word)
        if promotion is None or not session["allow_promotion_codes"]:
            return False
        self.store.hidden(session["id"])["given_discounts"] = [{"promotion_code": promotion["id"]}]
        self._reckon(session)
        return True

    def pay(self, session: Obj, card: str) -> bool:
        """Pay with a test card as the page does; False when it is declined, and the page stays open."""
        if session["status"] != "open":
            raise invalid(f"This Checkout Session is {session['status']}.")
        customer = self._customer(session)
        method = self.stripe.payment_methods.of_card(card)
        method["customer"] = customer["id"]
        if session["mode"] == "subscription":
            return self._subscribe(session, customer, method)
        return self._buy(session, customer, method)

    def payment_settled(self, intent: Obj) -> None:
        """A payment that was under way when its page was completed has come or failed."""
        for session in self.all():
            if self._intent_of(session) != intent["id"] or session["status"] != "complete":
                continue
            if session["payment_status"] == "unpaid":
                succeeded = intent["status"] == "succeeded"
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
        if not self.stripe.payment_intents.attempt(intent, method):
            return False
        self._keep_card(session, customer, method, is_wanted=bool(given.get("setup_future_usage")))
        return self._complete_order(session, customer, "paid" if intent["status"] == "succeeded" else "unpaid")

    def _complete_order(self, session: Obj, customer: Obj, payment_status: str) -> bool:
        for given in self.store.hidden(session["id"])["given_discounts"]:
            self.stripe.discounts.give(given, customer=customer["id"], checkout_session=session["id"])
        return self._complete(session, customer, payment_status)

    def _subscribe(self, session: Obj, customer: Obj, method: Obj) -> bool:
        hidden = self.store.hidden(session["id"])
        card = self.stripe.payment_methods.card_of(method["id"])
        if card.declines and not card.attaches:
            self._refuse_card(session, customer, card.declines)
            return False
        self._keep_card(session, customer, method, is_wanted=True)
        items = [{"price": item["price"]["id"], "quantity": item["quantity"]} for item in hidden["items"]]
        given = hidden["subscription_data"] or {}
        params = {**given, "discounts": hidden["given_discounts"], "default_payment_method": method["id"]}
        subscription = self.stripe.subscriptions.begin(customer, items, params)
        session.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])
        self.stripe.subscriptions.emit("created", subscription)
        paid = self._pay_first(subscription, method)
        status = "paid" if paid else "unpaid"
        return self._complete(session, customer, status if session["amount_total"] else "no_payment_required")

    def _pay_first(self, subscription: Obj, method: Obj) -> bool:
        """Charge the first invoice. A card that only fails when charged later (0341) pays it: that is its use here."""
        hidden = self.store.hidden(method["id"])
        card = hidden["card"]
        hidden["card"] = "pm_card_visa" if self.stripe.payment_methods.card_of(method["id"]).declines else card
        try:
            return self.stripe.subscriptions.pay_first(subscription)
        finally:
            hidden["card"] = card

    def _refuse_card(self, session: Obj, customer: Obj, code: str) -> None:
        """A declined card leaves no subscription behind, only a failed payment."""
        if session["amount_total"]:
            intent = self.stripe.payment_intents.make(session["amount_total"], session["currency"], customer["id"])
            self.stripe.payment_intents.fail(intent, code)

    def _keep_card(self, session: Obj, customer: Obj, method: Obj, *, is_wanted: bool) -> None:
        if is_wanted:
            self.stripe.payment_methods.emit("attached", method)
            self.stripe.customers.use_card(customer, method["id"])
        else:
            method["customer"] = None

    def _complete(self, session: Obj, customer: Obj, payment_status: str) -> bool:
        names = {
            "email": customer["email"],
            "name": customer["name"],
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        }
        details = {**names, "address": customer["address"], "business_name": None, "individual_name": None}
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
        if data := given.get("price_data"):
            price = self.stripe.prices.inline(data)
        else:
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

    def _reckon(self, session: Obj) -> None:
        """Sum up the page: items, and what the coupons take off."""
        items = self.items(session)
        subtotal = sum(item["amount_subtotal"] for item in items)
        given = self.store.hidden(session["id"])["given_discounts"]
        total = max(0, subtotal - self._taken_off(given, subtotal))
        session.update(
            amount_subtotal=subtotal, amount_total=total, discounts=[_shown(each) for each in given],
            total_details={"amount_discount": subtotal - total, "amount_shipping": 0, "amount_tax": 0},
        )  # fmt: skip
        for item in items:
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
