"""Renew the monthly allowances that no invoice renews, and end what is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.credits import renewals


class Command(BaseCommand):
    """Each worker does this every ten minutes. By hand: to see what would happen, or where no worker runs."""

    help = "Renew monthly allowances, end plans and expire credits that are over. Safe at any time, twice, or late."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        reset = renewals.reset_quotas(dry_run=dry_run)
        if options["verbosity"]:
            would = "Would be: " if dry_run else ""
            self.stdout.write(
                f"{would}{reset.renewed_count} months renewed, {reset.ended_count} plans ended, "
                f"{reset.expired_credits} credits expired."
            )
