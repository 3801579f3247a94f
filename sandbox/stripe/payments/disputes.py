"""Disputes: the customer's bank withdraws a payment and decides later."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.resource import Resource
from sandbox.stripe.store import Obj

DAY_SECONDS = 24 * 3600
DECIDED = ("won", "lost")
NO_EVIDENCE = {"has_evidence": False, "past_due": False, "submission_count": 0}
BY_CARD = {"card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"}, "type": "card"}


class Disputes(Resource):
    kind, prefix, filters = "dispute", "du", ("charge", "payment_intent")

    def emit(self, verb: str, obj: Obj, previous: Obj | None = None) -> None:
        """Stripe names these events after the charge."""
        self.stripe.events.emit(f"charge.dispute.{verb}", obj, previous)

    @property
    def url(self) -> str:
        """Where the list is."""
        return "/v1/disputes"

    def open(self, charge_id: str, amount: int | None = None, reason: str = "fraudulent") -> Obj:
        """The bank contests a charge and withdraws its amount."""
        charge = self.stripe.charges.get(charge_id, "charge")
        if not charge["paid"] or charge["disputed"]:
            raise invalid("Only a charge that was paid and is not disputed can be disputed.", "charge")
        dispute = self.add(
            amount=amount or charge["amount"],
            balance_transactions=[],
            charge=charge_id,
            currency=charge["currency"],
            enhanced_eligibility_types=[],
            evidence={},
            evidence_details={**NO_EVIDENCE, "due_by": self.now + 9 * DAY_SECONDS},
            is_charge_refundable=False,
            payment_intent=charge["payment_intent"],
            payment_method_details=dict(BY_CARD),
            reason=reason,
            status="needs_response",
        )
        charge["disputed"] = True
        self.emit("created", dispute)
        self.emit("funds_withdrawn", dispute)
        self.stripe.charges.emit("updated", charge, {"disputed": False})
        return dispute

    def decide(self, dispute_id: str, *, won: bool) -> Obj:
        """The bank has decided: won by us, and the money comes back; or lost."""
        dispute = self.get(dispute_id)
        if dispute["status"] in DECIDED:
            raise invalid(f"The dispute is already {dispute['status']}.")
        previous = self.change(dispute, status="won" if won else "lost")
        if won:
            self.emit("funds_reinstated", dispute)
        self.emit("closed", dispute, previous)
        return dispute
