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
    """A queryset and its SQL, shared by the connections of all threads."""

    def __init__(self, queryset: models.QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        self._queryset = queryset
        self._compiler: Any = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()
        self._compiler.connection = None
        # How the values of each column become Python's; part of it belongs to the connection.
        self._converters: WeakKeyDictionary[BaseDatabaseWrapper, Any] = WeakKeyDictionary()

    def rows(self, given: dict[str, Any], connection: BaseDatabaseWrapper) -> list[Row]:
        """Return the rows for these values."""
        statement = self._sql, with_values(self._parameters, given, connection)
        # Django runs the statement and makes the rows; only what it would make each time is given to it.
        compiler = self._compiler_for(connection)
        compiler.as_sql = lambda *_, **__: statement
        compiler.get_converters = partial(self._converters_for, connection)
        rows = self._queryset.all()
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(rows)

    def _compiler_for(self, connection: BaseDatabaseWrapper) -> Any:
        compiler = copy.copy(self._compiler)
        compiler.connection = connection
        return compiler

    def _converters_for(self, connection: BaseDatabaseWrapper, columns: Any) -> Any:
        converters = self._converters.get(connection)
        if converters is None:
            converters = self._converters[connection] = self._compiler_for(connection).get_converters(columns)
        return converters
