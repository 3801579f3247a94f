"""The billing app: what someone may use and what it cost."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Plans, credits, quotas, and the payments behind them."""

    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Listen to Stripe's events, and give dj-stripe's calls our time limits."""
        from billing.stripe import checks, client, events  # noqa: F401  (they register themselves)

        client.bound_all_calls()
