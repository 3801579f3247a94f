"""How the stand-in behaves; the control page and tests change it."""

from dataclasses import dataclass, field

from sandbox import environment


@dataclass(frozen=True)
class Behaviour:
    """Settings of the Stripe account, and errors for the next requests.

    `after_last_attempt`: a subscription whose renewal could not be paid ends ("cancel"), or is left "unpaid" or
    "past_due". `portal_cancels_with` is the flag that the portal sets: "cancel_at", as with flexible billing, or
    "cancel_at_period_end". With `limits_to_one_subscription` the payment page sends customers who have one to the
    portal. `finalizes_at_once` charges renewals when the period ends instead of an hour later.
    The next `fail_count` requests whose path begins with `fail_path` are answered with `fail_status`.
    """

    after_last_attempt: str = "cancel"
    portal_cancels_with: str = "cancel_at"
    limits_to_one_subscription: bool = True
    finalizes_at_once: bool = field(default_factory=environment.stripe_finalizes_at_once)
    delay_seconds: float = 0
    fail_status: int = 500
    fail_count: int = 0
    fail_path: str = "/v1/"
