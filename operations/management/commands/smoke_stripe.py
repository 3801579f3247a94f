"""Buy a plan, make a batch, refund and cancel at Stripe with your own test key, and check the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations import smoke


class Command(BaseCommand):
    """`manage.py smoke_stripe`, after setting a test key or an upgrade (docs/billing.md)."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkout", action="store_true", help="wait until you have paid on Stripe's page, instead of by test card"
        )

    def handle(self, *, checkout: bool, **options: Any) -> None:
        """Print each step; exit with 1 at the first that fails."""
        try:
            for line in smoke.run(on_page=checkout):
                self.stdout.write(line)
                self.stdout.flush()
        except smoke.StripeError as error:
            raise CommandError(f"Stripe: {error}") from error
        except smoke.SmokeFailed as failed:
            raise CommandError(str(failed)) from failed
