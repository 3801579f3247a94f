"""`manage.py export_schema`: the .sql script with the whole schema for MariaDB."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from operations import schema_script


class Command(BaseCommand):
    """On MariaDB makes the script from the migrations, otherwise writes the one of this release."""

    help = "Write the .sql script that creates the whole schema on MariaDB, with the rows that every site begins with."
    # Works without a database.
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="a file instead of standard output")

    def handle(self, *, output: Path | None, **options: Any) -> None:
        is_mariadb = connection.vendor == "mysql"
        script = schema_script.from_migrations() if is_mariadb else schema_script.of_release()
        if output is None:
            self.stdout.write(script, ending="")
        else:
            output.write_text(script, encoding="utf-8")
