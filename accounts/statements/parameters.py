"""Values that a statement learns when it is run."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler


class Parameter(Expression):
    """A value that is given when the statement is run; it stands in a filter or a change where a value would."""

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
