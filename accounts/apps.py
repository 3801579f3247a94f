"""The accounts app: who someone is."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users and how they sign in."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Listen to allauth."""
        from accounts.audit import receivers  # noqa: F401  (they register themselves)
