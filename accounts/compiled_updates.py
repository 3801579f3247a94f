"""Updates and inserts whose SQL is made once, for what a worker books with each image (docs/decisions/0013)."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import InsertQuery, UpdateQuery

from accounts.compiled_queries import Parameter, with_values

Made = TypeVar("Made", bound=models.Model)
_Statement = tuple[str, tuple[Any, ...]]
_of_thread = threading.local()
#: A number in an expression makes a statement of its own; few are used again.
_MOST = 200


class CompiledUpdate:
    """An update of the rows of a queryset, of which each thread makes the SQL once for its connection.

    Both the queryset and the changes may have `Parameter` expressions.
    """

    def __init__(self, queryset: Callable[[], models.QuerySet[Any]], **changes: Any) -> None:
        self._queryset = queryset
        self._changes = changes

    def run(self, **given: Any) -> int:
        """Update the rows with these values, and return how many they were."""
        connection = connections[DEFAULT_DB_ALIAS]
        kept = _kept(connection)
        if self not in kept:
            kept[self] = _update(self._queryset(), self._changes, connection)
        return _run(kept[self], given, connection)


def update_where(model: type[models.Model], where: dict[str, Any], changes: dict[str, Any]) -> int:
    """Do what `model.objects.filter(**where).update(**changes)` does, and return how many rows that were.

    `where` names fields of the model itself, with a lookup that compares (`held__gte`) if any, and plain values;
    `changes` may have expressions. The SQL is made once for each combination of these.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    kept = _kept(connection)
    key = (model, *where, *((name, value if _is_expression(value) else None) for name, value in changes.items()))
    if key not in kept:
        if len(kept) >= _MOST:
            kept.clear()
        kept[key] = _update(_found(model, where), _with_parameters(model, changes), connection)
    return _run(kept[key], {**{f"where {name}": value for name, value in where.items()}, **changes}, connection)


def insert(new: Made) -> Made:
    """Store a new object and return it with its primary key. Unlike `save` it sends no signals."""
    connection, meta = connections[DEFAULT_DB_ALIAS], new._meta
    fields = [field for field in meta.concrete_fields if field is not meta.auto_field]
    kept = _kept(connection)
    if type(new) not in kept:
        query = InsertQuery(type(new))
        query.insert_values(fields, [new])
        [kept[type(new)]] = query.get_compiler(connection=connection).as_sql()
    values = [field.get_db_prep_save(field.pre_save(new, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(kept[type(new)][0], values)
        if meta.auto_field and meta.auto_field.column:
            new.pk = connection.ops.last_insert_id(cursor, meta.db_table, meta.auto_field.column)
    new._state.adding, new._state.db = False, connection.alias
    return new


def _found(model: type[models.Model], where: dict[str, Any]) -> models.QuerySet[Any]:
    fields = {name: model._meta.pk if name == "pk" else model._meta.get_field(name.split("__")[0]) for name in where}
    return model._base_manager.filter(**{name: Parameter(f"where {name}", field) for name, field in fields.items()})


def _with_parameters(model: type[models.Model], changes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if _is_expression(value) else Parameter(name, model._meta.get_field(name))
        for name, value in changes.items()
    }


def _update(found: models.QuerySet[Any], changes: dict[str, Any], connection: BaseDatabaseWrapper) -> _Statement:
    query: Any = found.query.chain(UpdateQuery)
    query.add_update_values(changes)
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)


def _run(statement: _Statement, given: dict[str, Any], connection: BaseDatabaseWrapper) -> int:
    sql, parameters = statement
    with connection.cursor() as cursor:
        cursor.execute(sql, with_values(parameters, given, connection))
        return int(cursor.rowcount)


def _is_expression(value: Any) -> bool:
    return hasattr(value, "resolve_expression")


def _kept(connection: BaseDatabaseWrapper) -> dict[Any, Any]:
    """Return the statements that this thread has made for the connection."""
    if getattr(_of_thread, "connection", None) is not connection:
        _of_thread.connection, _of_thread.statements = connection, {}
    statements: dict[Any, Any] = _of_thread.statements
    return statements
