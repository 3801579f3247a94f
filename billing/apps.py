"""The billing app: what someone may use and what it cost."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Credits: balance, holds and the ledger."""

    name = "billing"
    verbose_name = _("Billing")
