"""Queries whose SQL is made once, for the few reads that come hundreds of times a second (docs/decisions/0013)."""

import copy
import threading
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Parameter(Expression):
    """A value that a `CompiledQuery` learns when it is asked; stands in a filter where a value would."""

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return a placeholder, and itself as the value that is still to come."""
        return "%s", (self,)

    def value(self, given: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """Return what was given for it, as the database wants it."""
        return self.output_field.get_db_prep_save(given[self.name], connection)


def with_values(parameters: Iterable[Any], given: dict[str, Any], connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
    """Return what a statement is run with: each `Parameter` replaced by what was given for it."""
    return tuple(
        parameter.value(given, connection) if isinstance(parameter, Parameter) else parameter
        for parameter in parameters
    )


class CompiledQuery(Generic[Row]):
    """A queryset of which each thread makes the SQL once for its connection. It finds what the queryset would."""

    def __init__(self, queryset: Callable[[], models.QuerySet[Any, Row]]) -> None:
        self._queryset = queryset
        self._of_thread = threading.local()

    def all(self, **given: Any) -> list[Row]:
        """Return the rows for these values, each named as its `Parameter`."""
        compiled = self._compiled(connections[DEFAULT_DB_ALIAS])
        return compiled.rows(given)

    def first(self, **given: Any) -> Row | None:
        """Return the first of these rows; None if there is none. The queryset itself must say that it wants one."""
        return next(iter(self.all(**given)), None)

    def _compiled(self, connection: BaseDatabaseWrapper) -> "_Compiled[Row]":
        compiled: _Compiled[Row] | None = getattr(self._of_thread, "compiled", None)
        if compiled is None or compiled.connection is not connection:
            compiled = self._of_thread.compiled = _Compiled(self._queryset(), connection)
        return compiled


class _Compiled(Generic[Row]):
    """A queryset and its SQL for one connection."""

    def __init__(self, queryset: models.QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()

    def rows(self, given: dict[str, Any]) -> list[Row]:
        """Return the rows for these values."""
        statement = (
            self._sql,
            tuple(
                value.value(given, self.connection) if isinstance(value, Parameter) else value
                for value in self._parameters
            ),
        )
        # Django runs the statement and makes the rows; only where it would make the SQL, this is given to it.
        compiler = copy.copy(self._compiler)
        compiler.as_sql = lambda *_, **__: statement
        rows = self._queryset.all()
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(rows)
