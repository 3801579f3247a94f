"""Queries whose SQL is made once."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.statements.kept import kept
from accounts.statements.parameters import with_values
from accounts.statements.rows import Columns, Converter, converters_of, maker_of

Row = TypeVar("Row")


class CompiledQuery(Generic[Row]):
    """A queryset whose SQL is made once in a process. It finds what the queryset would."""

    def __init__(self, queryset: Callable[[], models.QuerySet[Any, Row]]) -> None:
        self._queryset = queryset

    def all(self, **given: Any) -> list[Row]:
        """Return the rows for these values, each named as its `Parameter`."""
        connection = connections[DEFAULT_DB_ALIAS]
        return kept(connection, self, partial(self._compiled, connection)).rows(given, connection)

    def first(self, **given: Any) -> Row | None:
        """Return the first of these rows; None if there is none. The queryset itself must say that it wants one."""
        return next(iter(self.all(**given)), None)

    def _compiled(self, connection: BaseDatabaseWrapper) -> "_Compiled[Row]":
        return _Compiled(self._queryset(), connection)


class _Compiled(Generic[Row]):
    """A queryset's SQL and what its rows become, shared by the connections of all threads."""

    def __init__(self, queryset: models.QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        self._compiler: Any = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()
        self._made: Callable[[Columns], Row] = maker_of(queryset, self._compiler)
        self._compiler.connection = None
        # Part of a converter belongs to the connection.
        self._converters: WeakKeyDictionary[BaseDatabaseWrapper, list[Converter]] = WeakKeyDictionary()

    def rows(self, given: dict[str, Any], connection: BaseDatabaseWrapper) -> list[Row]:
        """Return the rows for these values."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, with_values(self._parameters, given, connection))
            rows = cursor.fetchall()
        converters, made = self._converters_for(connection), self._made
        if not converters:
            return [made(row) for row in rows]
        return [made(_converted(row, converters, connection)) for row in rows]

    def _converters_for(self, connection: BaseDatabaseWrapper) -> list[Converter]:
        converters = self._converters.get(connection)
        if converters is None:
            compiler = copy.copy(self._compiler)
            compiler.connection = connection
            converters = self._converters[connection] = converters_of(compiler)
        return converters


def _converted(row: Columns, converters: list[Converter], connection: BaseDatabaseWrapper) -> Columns:
    values = list(row)
    for place, converter, column in converters:
        values[place] = converter(values[place], column, connection)
    return values
