"""Django's entry for the operations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Running the site as one set of processes."""

    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        """Register the checks of the settings."""
        from operations import checks  # noqa: F401
