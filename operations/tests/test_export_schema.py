"""The .sql script for MariaDB in the repository creates the same schema as the migrations."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from operations import schema_script

TABLE = re.compile(r"^CREATE TABLE .*?;$", re.MULTILINE | re.DOTALL)


def test_it_is_the_newest_migrations_schema() -> None:
    # After a new migration: make schema
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    applied = set(re.findall(r"^\(\d+, '(\w+)', '(\w+)'", schema_script.of_release(), re.MULTILINE))
    assert set(migrations) - applied == set()


@pytest.mark.mariadb
@pytest.mark.skipif(connection.vendor != "mysql", reason="the database is not MariaDB")
@pytest.mark.django_db
def test_it_makes_the_same_tables_as_the_migrations() -> None:
    kept = {statement.splitlines()[0]: statement for statement in TABLE.findall(schema_script.of_release())}
    made = {statement.splitlines()[0]: statement.rstrip() for statement in schema_script.statements()}
    assert made == kept


def test_it_brings_the_rows_that_every_site_begins_with() -> None:
    for table in ("batches_imagemodel", "batches_modelquality", "django_migrations", "auth_permission"):
        assert f"INSERT INTO `{table}`" in schema_script.of_release()


@pytest.mark.skipif(connection.vendor == "mysql", reason="there it is made anew")
def test_without_mariadb_the_committed_script_is_written(tmp_path: Path) -> None:
    printed = io.StringIO()
    call_command("export_schema", stdout=printed)
    call_command("export_schema", output=tmp_path / "schema.sql")
    assert printed.getvalue() == (tmp_path / "schema.sql").read_text() == schema_script.of_release()
