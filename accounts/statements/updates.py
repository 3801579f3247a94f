"""Updates whose SQL is made once."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import UpdateQuery

from accounts.statements.kept import kept
from accounts.statements.parameters import Parameter, with_values

_Statement = tuple[str, tuple[Any, ...]]


class CompiledUpdate:
    """An update of the rows of a queryset, whose SQL is made once in a process.

    Both the queryset and the changes may have `Parameter` expressions.
    """

    def __init__(self, queryset: Callable[[], models.QuerySet[Any]], **changes: Any) -> None:
        self._queryset = queryset
        self._changes = changes

    def run(self, **given: Any) -> int:
        """Update the rows with these values, and return how many they were."""
        connection = connections[DEFAULT_DB_ALIAS]
        return _run(kept(connection, self, partial(self._compiled, connection)), given, connection)

    def _compiled(self, connection: BaseDatabaseWrapper) -> _Statement:
        return _statement(self._queryset(), self._changes, connection)


def update_where(model: type[models.Model], where: dict[str, Any], changes: dict[str, Any]) -> int:
    """Do what `model.objects.filter(**where).update(**changes)` does, and return how many rows that were.

    `where` names fields of the model itself, with a lookup that compares (`held__gte`) if any, and plain values, not
    None; `changes` may have expressions. The SQL is made once for each combination of these.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    key = (model, *where, *((name, value if _is_expression(value) else None) for name, value in changes.items()))
    statement = kept(
        connection, key, lambda: _statement(_found(model, where), _with_parameters(model, changes), connection)
    )
    return _run(statement, {**{f"where {name}": value for name, value in where.items()}, **changes}, connection)


def _found(model: type[models.Model], where: dict[str, Any]) -> models.QuerySet[Any]:
    fields = {name: model._meta.pk if name == "pk" else model._meta.get_field(name.split("__")[0]) for name in where}
    return model._base_manager.filter(**{name: Parameter(f"where {name}", field) for name, field in fields.items()})


def _with_parameters(model: type[models.Model], changes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if _is_expression(value) else Parameter(name, model._meta.get_field(name))
        for name, value in changes.items()
    }


def _statement(found: models.QuerySet[Any], changes: dict[str, Any], connection: BaseDatabaseWrapper) -> _Statement:
    query: Any = found.query.chain(UpdateQuery)
    query.add_update_values(changes)
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)


def _run(statement: _Statement, given: dict[str, Any], connection: BaseDatabaseWrapper) -> int:
    sql, parameters = statement
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(sql, with_values(parameters, given, connection))
        return int(cursor.rowcount)


def _is_expression(value: Any) -> bool:
    return hasattr(value, "resolve_expression")
