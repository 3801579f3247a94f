"""Billing in the admin: credits, memberships and Stripe's webhook deliveries."""

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
