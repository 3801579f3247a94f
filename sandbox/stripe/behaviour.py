"""How the stand-in behaves at the moment; the control page and tests change it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """Settings that an account has at Stripe, and faults to come.

    `after_last_attempt` ends a subscription whose renewal could not be collected ("cancel"), or leaves it "unpaid" or
    "past_due". `portal_cancels_with` is the flag that the portal sets: "cancel_at", as for flexible billing, or
    "cancel_at_period_end". `finalizes_at_once` charges renewals at the end of a period instead of an hour later.
    The next `fail_count` requests whose path begins with `fail_path` are answered with `fail_status`.
    """

    after_last_attempt: str = "cancel"
    portal_cancels_with: str = "cancel_at"
    finalizes_at_once: bool = True
    delay_seconds: float = 0
    fail_status: int = 500
    fail_count: int = 0
    fail_path: str = "/v1/"
