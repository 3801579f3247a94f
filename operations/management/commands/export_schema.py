"""`manage.py export_schema`: the .sql script that creates the whole schema on MariaDB."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from operations import schema_script


class Command(BaseCommand):
    """Writes the script: made from the migrations where there is a MariaDB, else the one that is kept."""

    help = "Write the .sql script that creates the whole schema on MariaDB, with the rows that every site begins with."
    # The script is for who has no database yet.
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--output", type=Path, help="a file instead of standard output")

    def handle(self, *, output: Path | None, **options: Any) -> None:
        """Write the script."""
        made_here = connection.vendor == "mysql"
        script = schema_script.from_migrations() if made_here else schema_script.kept()
        if output is None:
            self.stdout.write(script, ending="")
        else:
            output.write_text(script, encoding="utf-8")
