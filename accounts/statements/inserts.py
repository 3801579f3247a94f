"""Inserts whose SQL is made once. No signal is sent."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import InsertQuery

from accounts.statements.kept import kept

New = TypeVar("New", bound=models.Model)


def insert(new: New) -> New:
    """Store a new object and return it with its primary key."""
    connection, meta = connections[DEFAULT_DB_ALIAS], new._meta
    sql, _ = kept(connection, type(new), partial(_statement, new, connection))
    values = [field.get_db_prep_save(field.pre_save(new, add=True), connection) for field in _fields(new)]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        if meta.auto_field and meta.auto_field.column:
            new.pk = connection.ops.last_insert_id(cursor, meta.db_table, meta.auto_field.column)
    new._state.adding, new._state.db = False, connection.alias
    return new


def insert_alike(alike: models.Model, varying: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert a row like the unsaved object `alike` for each of `rows`, which gives the `varying` fields in that order.

    Unlike with `bulk_create` no object learns its primary key, so that the values which all rows share are prepared
    once. A foreign key is given as the id it points to.
    """
    connection, fields = connections[DEFAULT_DB_ALIAS], _fields(alike)
    sql, shared = _statement(alike, connection)
    places = [(index, fields[index]) for index in map([field.name for field in fields].index, varying)]

    def values() -> Iterable[list[Any]]:
        for row in rows:
            of_row = list(shared)
            for (place, field), value in zip(places, row, strict=True):
                of_row[place] = field.get_db_prep_save(value, connection)
            yield of_row

    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.executemany(sql, list(values()))


def _fields(new: models.Model) -> list[Any]:
    return [field for field in new._meta.concrete_fields if field is not new._meta.auto_field]


def _statement(new: models.Model, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
    query = InsertQuery(type(new))
    query.insert_values(_fields(new), [new])
    [(sql, values)] = query.get_compiler(connection=connection).as_sql()
    return sql, values
