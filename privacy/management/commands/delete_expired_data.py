from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from privacy import retention


class Command(BaseCommand):
    """Workers do the same in the background. Use it to check the settings, or after restoring a backup."""

    help = "Delete accounts, batches, images, sessions and logs whose time is over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        for kind, count in retention.delete_expired(dry_run=dry_run).items():
            if options["verbosity"]:
                self.stdout.write(f"{count} {kind} {'would be' if dry_run else 'were'} deleted")
