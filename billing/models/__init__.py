"""Billing's models: accounts with their holds, grants, ledger entries and memberships."""

from billing.models.account import CreditAccount, Hold
from billing.models.grants import CreditGrant
from billing.models.ledger import LedgerEntry
from billing.models.membership import Membership, MembershipEvent

__all__ = ["CreditAccount", "CreditGrant", "Hold", "LedgerEntry", "Membership", "MembershipEvent"]
