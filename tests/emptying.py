"""Empties the tables after a test whose transactions were committed.

Django's `flush` also deletes and writes again what `migrate` writes for operators: some hundred permissions and the
groups. That takes longer than most tests.
"""

from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

#: Written by `migrate` itself, and changed by no test that commits.
_STAY = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}


def empty_tables(_: TransactionTestCase) -> None:
    """Delete all rows of the tables that have some, as `TransactionTestCase._fixture_teardown` does."""
    tables = sorted(set(connection.introspection.django_table_names(include_views=False)) - _STAY)
    has_rows = ", ".join(f"EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {has_rows}")
        filled = [table for table, has_row in zip(tables, cursor.fetchone(), strict=True) if has_row]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), filled))
