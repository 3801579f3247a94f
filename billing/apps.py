from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing import receivers  # noqa: F401
        from billing.stripe import checks, client, events  # noqa: F401  (they register themselves)

        client.bound_all_calls()
