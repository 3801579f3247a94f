from billing.models.account import CreditAccount, Hold
from billing.models.delayed_payment import DelayedPayment
from billing.models.grants import CreditGrant
from billing.models.ledger import LedgerEntry
from billing.models.membership import Membership, MembershipEvent
from billing.models.sent_email import SentEmail

__all__ = [
    "CreditAccount",
    "CreditGrant",
    "DelayedPayment",
    "Hold",
    "LedgerEntry",
    "Membership",
    "MembershipEvent",
    "SentEmail",
]
