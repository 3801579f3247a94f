"""Billing in the admin: credits with their grants, holds and ledger, and who has which plan, and what Stripe told."""

from billing.admin.credits import CreditAccountAdmin, CreditGrantAdmin, HoldAdmin, LedgerEntryAdmin
from billing.admin.deliveries import DeliveryAdmin
from billing.admin.memberships import MembershipAdmin

__all__ = [
    "CreditAccountAdmin",
    "CreditGrantAdmin",
    "DeliveryAdmin",
    "HoldAdmin",
    "LedgerEntryAdmin",
    "MembershipAdmin",
]
