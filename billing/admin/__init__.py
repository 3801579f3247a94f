"""Billing in the admin: credits, memberships and Stripe's webhook deliveries."""

from billing.admin.credits import (
    CreditAccountAdmin,
    CreditGrantAdmin,
    DelayedPaymentAdmin,
    HoldAdmin,
    LedgerEntryAdmin,
)
from billing.admin.deliveries import DeliveryAdmin
from billing.admin.memberships import MembershipAdmin

__all__ = [
    "CreditAccountAdmin",
    "CreditGrantAdmin",
    "DelayedPaymentAdmin",
    "DeliveryAdmin",
    "HoldAdmin",
    "LedgerEntryAdmin",
    "MembershipAdmin",
]
