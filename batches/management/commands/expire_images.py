from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from batches.delivery import storage


class Command(BaseCommand):
    """The worker does this every ten minutes. Use this command to check, or in emergencies."""

    help = "Delete images that browsers have confirmed (plus a grace) or that are too old."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        count = storage.expire_images(dry_run=dry_run)
        if options["verbosity"]:
            self.stdout.write(f"{count} images {'would be' if dry_run else 'were'} deleted")
