"""Refunds of charges, in full or in part."""

from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.resource import Resource, listed, metadata
from sandbox.stripe.store import Obj


class Refunds(Resource):
    kind, prefix, filters = "refund", "re", ("charge", "payment_intent")

    def create(self, params: Obj) -> Obj:
        """Refund a charge: what is left of it, or an amount."""
        charge = self._charge(params)
        amount = self._amount(charge, params.get("amount"))
        fields = {"reason": params.get("reason"), "metadata": metadata(params.get("metadata"))}
        # The card that refuses its refunds, https://docs.stripe.com/testing#refunds, is asked for by metadata here.
        return self.make(charge, amount, **fields)

    def make(self, charge: Obj, amount: int, **fields: object) -> Obj:
        """A refund that has succeeded."""
        nothing = (
            "balance_transaction",
            "customer",
            "customer_account",
            "receipt_number",
            "source_transfer_reversal",
            "transfer_reversal",
        )
        refund = self.add(
            **{**dict.fromkeys(nothing), "reason": None, **fields},
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            destination_details={"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
            payment_intent=charge["payment_intent"],
            payment_method=charge["payment_method"],
            status="succeeded",
        )
        del refund["livemode"]
        self._take(charge, amount)
        self.emit("created", refund)
        self.emit("updated", refund)
        self.stripe.charges.emit("refunded", charge)
        return refund

    def fail(self, object_id: str) -> Obj:
        """Fail a refund afterwards: the bank has returned it."""
        refund = self.get(object_id)
        if refund["status"] != "succeeded":
            raise invalid(f"The refund is {refund['status']}.")
        charge = self.stripe.charges.get(refund["charge"])
        self._take(charge, -refund["amount"])
        previous = self.change(refund, status="failed", failure_reason="lost_or_stolen_card")
        self.emit("updated", refund, previous)
        self.emit("failed", refund)
        return refund

    def of_charge(self, charge_id: str) -> Obj:
        """The list that `expand: refunds` puts into a charge."""
        refunds = [each for each in reversed(self.all()) if each["charge"] == charge_id]
        return listed(refunds, f"/v1/charges/{charge_id}/refunds")

    def _take(self, charge: Obj, amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]

    def _charge(self, params: Obj) -> Obj:
        if charge_id := params.get("charge"):
            charge = self.stripe.charges.get(charge_id, "charge")
        elif intent_id := params.get("payment_intent"):
            latest = self.stripe.payment_intents.get(intent_id, "payment_intent")["latest_charge"]
            if latest is None:
                raise invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
            charge = self.stripe.charges.get(latest)
        else:
            raise missing("payment_intent")
        if not charge["paid"]:
            raise invalid(f"Charge {charge['id']} has not been paid.", "charge", "charge_not_paid")
        return charge

    def _amount(self, charge: Obj, wanted: int | None) -> int:
        left = int(charge["amount_captured"] - charge["amount_refunded"])
        if left == 0:
            raise invalid(f"Charge {charge['id']} has already been refunded.", None, "charge_already_refunded")
        if charge["disputed"]:
            raise invalid(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.", None, "charge_disputed"
            )
        if wanted is not None and wanted < 1:
            raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
        if wanted is not None and wanted > left:
            raise invalid(f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})", "amount")
        return left if wanted is None else wanted
