"""Fill an empty database from a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations import backup


class Command(BaseCommand):
    help = __doc__
    # They may need tables.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file that backup_database has written")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            backup.load(file)
        except backup.BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Restored. Next: manage.py migrate, then check_ledger and reconcile_stripe --days N.")
