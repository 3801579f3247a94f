"""The accounts app: who someone is."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users and how they sign in."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Listen to allauth."""
        # They register themselves.
        from accounts import receivers  # noqa: F401
        from accounts.audit import receivers as audit_receivers  # noqa: F401
