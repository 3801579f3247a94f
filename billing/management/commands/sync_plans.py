"""Bring Stripe's products, prices and webhook endpoint to our catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.stripe.catalogue import StripeTrouble, sync_plans


class Command(BaseCommand):
    """`manage.py sync_plans`: after setting the key, and after each change of `billing/plans.py`."""

    help = __doc__

    def handle(self, *, verbosity: int, **options: Any) -> None:
        """Sync, and list what was changed; doing it again changes nothing."""
        try:
            changes = sync_plans()
        except StripeTrouble as trouble:
            raise CommandError(f"Stripe: {trouble}") from trouble
        if verbosity:
            self.stdout.write("\n".join(changes) or "Stripe has everything already.")
