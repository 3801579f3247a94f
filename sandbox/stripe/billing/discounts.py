"""Coupons, promotion codes, and the discounts that they give."""

from typing import Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.money import share
from sandbox.stripe.resource import Resource, metadata
from sandbox.stripe.store import Obj, new_id


class Coupons(Resource):
    kind, prefix = "coupon", "co"

    def create(self, params: Obj) -> Obj:
        percent, amount = params.get("percent_off"), params.get("amount_off")
        if (percent is None) == (amount is None):
            raise invalid("You must pass exactly one of `percent_off` or `amount_off`.", "percent_off")
        if percent is not None and not 0 < percent <= 100:
            raise invalid("percent_off must be greater than 0 and at most 100.", "percent_off")
        coupon = self.add(
            id=params.get("id") or new_id("", 8)[1:],
            amount_off=amount,
            currency=params.get("currency"),
            duration=params.get("duration", "once"),
            duration_in_months=params.get("duration_in_months"),
            max_redemptions=params.get("max_redemptions"),
            metadata=metadata(params.get("metadata")),
            name=params.get("name"),
            percent_off=percent,
            redeem_by=params.get("redeem_by"),
            times_redeemed=0,
            valid=True,
        )
        self.emit("created", coupon)
        return coupon

    def redeemable(self, coupon_id: str, param: str) -> Obj:
        """A coupon that is neither used up nor expired."""
        coupon = self.get(coupon_id, param)
        most, last_moment = coupon["max_redemptions"], coupon["redeem_by"]
        is_used_up = most is not None and coupon["times_redeemed"] >= most
        coupon["valid"] = not is_used_up and (last_moment is None or self.now <= last_moment)
        if not coupon["valid"]:
            raise invalid(f"Coupon {coupon_id} is used up or expired.", param, "coupon_expired")
        return coupon


class PromotionCodes(Resource):
    """Codes that customers type on the payment page."""

    kind, prefix, filters = "promotion_code", "promo", ("active", "code", "customer")

    def create(self, params: Obj) -> Obj:
        coupon = self.stripe.coupons.get(params["promotion"].get("coupon", ""), "promotion[coupon]")
        code = self.add(
            active=params.get("active", True),
            code=params.get("code") or new_id("", 8)[1:].upper(),
            customer=params.get("customer"),
            expires_at=params.get("expires_at"),
            max_redemptions=params.get("max_redemptions"),
            metadata=metadata(params.get("metadata")),
            promotion={"coupon": coupon["id"], "type": "coupon"},
            restrictions={"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
            times_redeemed=0,
        )
        self.emit("created", code)
        return code

    def active(self, word: str) -> Obj | None:
        """The code that a customer typed, ignoring case; None if it is not valid."""
        meant = (code for code in self.all() if code["active"] and code["code"].lower() == word.lower())
        return next(filter(self._is_valid, meant), None)

    def _is_valid(self, code: Obj) -> bool:
        most, last_moment = code["max_redemptions"], code["expires_at"]
        is_used_up = most is not None and code["times_redeemed"] >= most
        return not is_used_up and (last_moment is None or self.now <= last_moment)


class Discounts(Resource):
    """Coupons that were applied to subscriptions, invoices and payment pages."""

    kind, prefix = "discount", "di"

    def give(self, given: Obj, **to: Any) -> Obj:
        """Redeem `{"coupon"}`, `{"promotion_code"}` or `{"discount"}` for a customer; `to` is what it applies to."""
        if known := given.get("discount"):
            return self.get(known, "discounts[0][discount]")
        coupon, promotion = self._coupon(given)
        for redeemed in filter(None, (coupon, promotion)):
            redeemed["times_redeemed"] += 1
        discount = self.add(
            **{**dict.fromkeys(NOTHING), **to},
            promotion_code=promotion["id"] if promotion else None,
            source={"coupon": coupon["id"], "type": "coupon"},
            start=self.now,
        )
        for name in ("created", "livemode", "metadata"):
            del discount[name]
        self.store.hidden(discount["id"])["coupon"] = dict(coupon)
        return discount

    def preview(self, given: Obj, amount: int) -> int:
        """What `{"coupon"}` or `{"promotion_code"}` would take off an amount."""
        return reduction(self._coupon(given)[0], amount)

    def _coupon(self, given: Obj) -> tuple[Obj, Obj | None]:
        code = given.get("promotion_code")
        promotion = self.stripe.promotion_codes.get(code, "discounts[0][promotion_code]") if code else None
        coupon_id = promotion["promotion"]["coupon"] if promotion else given.get("coupon", "")
        return self.stripe.coupons.redeemable(coupon_id, "discounts[0][coupon]"), promotion

    def coupon_of(self, discount_id: str) -> Obj:
        """The coupon as it was when it was redeemed."""
        coupon: Obj = self.store.hidden(discount_id)["coupon"]
        return coupon

    def off(self, amount: int, discount_ids: list[str]) -> list[Obj]:
        """What each discount takes off an amount, never more than is left, as `{"amount", "discount"}`."""
        taken, left = [], max(0, amount)
        for discount_id in discount_ids:
            off = reduction(self.coupon_of(discount_id), left)
            left -= off
            taken.append({"amount": off, "discount": discount_id})
        return taken


def reduction(coupon: Obj, amount: int) -> int:
    if coupon["amount_off"] is not None:
        return min(amount, int(coupon["amount_off"]))
    return share(amount, round(coupon["percent_off"] * 100), 10_000)


NOTHING = (
    "checkout_session", "customer", "customer_account", "end", "invoice", "invoice_item", "subscription",
    "subscription_item",
)  # fmt: skip
