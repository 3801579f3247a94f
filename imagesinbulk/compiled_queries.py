"""Queries whose SQL is made once, for the few reads that come hundreds of times a second (docs/decisions/0013)."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler


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
        return self.output_field.get_db_prep_value(given[self.name], connection)


class CompiledQuery:
    """A queryset of plain values, of which each thread makes the SQL once for its connection."""

    def __init__(self, queryset: Callable[[], models.QuerySet[Any, Any]]) -> None:
        self._queryset = queryset
        self._of_thread = threading.local()

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """Return the first row for these parameters, each named as its `Parameter`; None if there is none."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled(connection)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, compiled.values(given))
            row = cursor.fetchone()
        return None if row is None else compiled.converted(row)

    def _compiled(self, connection: BaseDatabaseWrapper) -> "_Compiled":
        compiled: _Compiled | None = getattr(self._of_thread, "compiled", None)
        if compiled is None or compiled.connection is not connection:
            compiled = self._of_thread.compiled = _Compiled(self._queryset(), connection)
        return compiled


class _Compiled:
    """The SQL of a queryset for one connection."""

    def __init__(self, queryset: models.QuerySet[Any, Any], connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self._parameters = self._compiler.as_sql()
        self._converters = self._compiler.get_converters(column for column, *_ in self._compiler.select)

    def values(self, given: dict[str, Any]) -> list[Any]:
        """Return the values of the SQL's placeholders, in their order."""
        return [
            value.value(given, self.connection) if isinstance(value, Parameter) else value for value in self._parameters
        ]

    def converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the row as a queryset would."""
        return tuple(next(iter(self._compiler.apply_converters([row], self._converters))))
