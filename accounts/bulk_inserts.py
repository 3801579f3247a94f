"""Many rows that are alike but for a few fields, stored with the SQL and the values of one (docs/decisions/0013)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.sql import InsertQuery


def insert_alike(alike: models.Model, varying: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert a row like the unsaved object `alike` for each of `rows`, which gives the `varying` fields in that order.

    As with `bulk_create` no signal is sent; unlike there, no object learns its primary key, so that the values which
    all rows share are prepared once. A foreign key is given as the id it points to.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    fields: list[Any] = [field for field in alike._meta.concrete_fields if not isinstance(field, models.AutoField)]
    query = InsertQuery(type(alike))
    query.insert_values(fields, [alike])
    [(sql, shared)] = query.get_compiler(connection=connection).as_sql()
    places = [(index, fields[index]) for index in map([field.name for field in fields].index, varying)]

    def values() -> Iterable[list[Any]]:
        for row in rows:
            of_row = list(shared)
            for (place, field), value in zip(places, row, strict=True):
                of_row[place] = field.get_db_prep_save(value, connection)
            yield of_row

    with connection.cursor() as cursor:
        cursor.executemany(sql, list(values()))
