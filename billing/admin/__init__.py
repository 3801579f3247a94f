"""Billing in the admin: credits with their grants, holds and ledger, and who has which plan."""

from billing.admin.credits import CreditAccountAdmin, CreditGrantAdmin, HoldAdmin, LedgerEntryAdmin
from billing.admin.memberships import MembershipAdmin

__all__ = ["CreditAccountAdmin", "CreditGrantAdmin", "HoldAdmin", "LedgerEntryAdmin", "MembershipAdmin"]
