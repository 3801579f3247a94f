"""Book what Stripe has and no webhook told us."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.stripe.reconcile import DAYS, StripeTrouble, prune_deliveries, reconcile


class Command(BaseCommand):
    """`manage.py reconcile_stripe`: after an outage; the worker does it every few hours by itself."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--days`."""
        parser.add_argument("--days", type=int, default=DAYS, help=f"how far to look back, {DAYS} by default")

    def handle(self, *, days: int, verbosity: int, **options: Any) -> None:
        """Book, and say how much had been missing."""
        try:
            found = reconcile(days)
        except StripeTrouble as trouble:
            raise CommandError(f"Stripe: {trouble}") from trouble
        pruned = prune_deliveries()
        if verbosity:
            self.stdout.write(
                f"{found.new_count} bookings were missing, {found.trouble_count} objects could not be booked, "
                f"{pruned} old deliveries deleted"
            )
