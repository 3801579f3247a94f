"""Book payments, refunds and subscriptions that Stripe has and no webhook reported."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.stripe.reconcile import DAYS, StripeError, prune_deliveries, reconcile


class Command(BaseCommand):
    """For use after an outage. One of the workers also does it every few hours."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help=f"how far to look back, {DAYS} by default")

    def handle(self, *, days: int, verbosity: int, **options: Any) -> None:
        try:
            found = reconcile(days)
        except StripeError as error:
            raise CommandError(f"Stripe: {error}") from error
        pruned = prune_deliveries()
        if verbosity:
            self.stdout.write(
                f"{found.new_count} bookings were missing, {found.failed_count} objects could not be booked, "
                f"{pruned} old deliveries deleted"
            )
