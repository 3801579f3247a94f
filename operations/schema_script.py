"""The whole schema as one .sql script for MariaDB, for hosts where `migrate` can't be run.

It is stored in `deploy/mariadb/schema.sql`; a test compares it with the migrations.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

_FILE = settings.BASE_DIR / "deploy" / "mariadb" / "schema.sql"
_HEAD = """-- The tables of Images in bulk for MariaDB 10.11 or newer, and the rows that every site begins with.
-- Into an empty database: mariadb --default-character-set=utf8mb4 DATABASE < schema.sql
-- Made by `manage.py export_schema`; `manage.py migrate` continues from here.
SET NAMES utf8mb4;
SET FOREIGN_KEY_CHECKS = 0;
"""
_TAIL = "SET FOREIGN_KEY_CHECKS = 1;\n"
#: Instead of the time at which the script was made, so that a migration changes only its own lines.
_MADE_AT = "2026-01-01 00:00:00"
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")


def of_release() -> str:
    return _FILE.read_text(encoding="utf-8")


def from_migrations() -> str:
    """Return the script made from the migrations, in a temporary database of the site's MariaDB.

    Needs the permission to create the database `test_NAME`.
    """
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        return "\n".join([_HEAD, *statements(), *_rows(), _TAIL])
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def statements() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SHOW CREATE TABLE `{table}`")
            yield _COUNTER.sub("", cursor.fetchone()[1]) + ";\n"


def _rows() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM `{table}` ORDER BY 1")  # noqa: S608  (our own tables)
            columns = ", ".join(f"`{column[0]}`" for column in cursor.description)
            rows = [f"({', '.join(map(_literal, row))})" for row in cursor.fetchall()]
            if rows:
                yield f"INSERT INTO `{table}` ({columns}) VALUES\n" + ",\n".join(rows) + ";\n"


def _literal(value: Any) -> str:
    connection.ensure_connection()
    plain = _MADE_AT if isinstance(value, datetime) else value
    return str(connection.connection.literal(plain).decode())
