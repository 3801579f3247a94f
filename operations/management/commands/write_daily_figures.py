from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from operations.dashboard import daily


class Command(BaseCommand):
    """Workers write today's figures every ten minutes, and those of the last seven days if they are missing."""

    help = "Write the dashboard's figures of the last days, counted from the stored rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=365, help="how many days before today (365)")
        # Rows of old days may be deleted by now: their figures would be too low.
        parser.add_argument("--again", action="store_true", help="also the days that have figures")

    def handle(self, *args: Any, days: int, again: bool, verbosity: int, **options: Any) -> None:
        for day in daily.backfill(days, again):
            if verbosity:
                self.stdout.write(str(day))
