"""Update Stripe's products, prices and webhook endpoint to match our catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.stripe.catalogue import StripeError, sync_plans


class Command(BaseCommand):
    """Run it after setting STRIPE_SECRET_KEY and after each change of `billing/plans.py`."""

    help = __doc__

    def handle(self, *, verbosity: int, **options: Any) -> None:
        try:
            changes = sync_plans()
        except StripeError as error:
            raise CommandError(f"Stripe: {error}") from error
        if verbosity:
            self.stdout.write("\n".join(changes) or "Stripe has everything already.")
