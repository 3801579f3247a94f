"""Billing in the admin: credits, memberships and Stripe's webhook deliveries."""

from billing.admin import credits, deliveries, memberships

__all__ = ["credits", "deliveries", "memberships"]
