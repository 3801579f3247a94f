"""Back the database up, also while the site runs."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations import backup

_PREFIX = "images-in-bulk-"
_TIME = "%Y%m%dT%H%M%SZ"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the backups are")
        parser.add_argument("--days", type=int, help="delete backups in that folder that are older")

    def handle(self, *, folder: Path, days: int | None, **options: Any) -> None:
        now = timezone.now()
        file = folder / f"{_PREFIX}{now:{_TIME}}{backup.suffix()}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            backup.save(file)
        except (backup.BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} ({file.stat().st_size:,} bytes)")
        if days is not None:
            oldest = f"{_PREFIX}{now - timedelta(days=days):{_TIME}}"
            for old in folder.glob(f"{_PREFIX}*{backup.suffix()}"):
                if old.name < oldest:
                    old.unlink()
