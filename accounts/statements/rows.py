"""What the rows of a queryset become: found out once, as Django finds it out for each run."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators

Columns = Sequence[Any]
#: The place of a column, how its value becomes Python's, and the expression that Django tells the converter.
Converter = tuple[int, Callable[[Any, Any, BaseDatabaseWrapper], Any], Any]


def maker_of(queryset: models.QuerySet[Any, Any], compiler: Any) -> Callable[[Columns], Any]:
    """Return what makes an object, or a tuple for `values_list`, of the columns of a row.

    `compiler` is the queryset's, and has made its SQL. Raises `TypeError` for a queryset whose rows are something else.
    """
    asked_for: Any = queryset
    if asked_for._prefetch_related_lookups or asked_for._known_related_objects:
        raise TypeError(f"what is read beside the rows is not kept: {queryset.query}")
    if asked_for._iterable_class is ValuesListIterable:
        return tuple
    if asked_for._iterable_class is ModelIterable:
        return _object_maker(compiler)
    raise TypeError(f"neither objects nor values_list: {queryset.query}")


def _object_maker(compiler: Any) -> Callable[[Columns], models.Model]:
    # As ModelIterable does: https://github.com/django/django/blob/5.2/django/db/models/query.py
    info, alias = compiler.klass_info, compiler.using
    model, fields = info["model"], info["select_fields"]
    own = slice(fields[0], fields[-1] + 1)
    names = [column[0].target.attname for column in compiler.select[own]]
    # Its stub is a later Django's.
    populators = get_related_populators(info, compiler.select, alias)  # type: ignore[call-arg]
    annotations = list((compiler.annotation_col_map or {}).items())

    def made(row: Columns) -> models.Model:
        new: models.Model = model.from_db(alias, names, row[own])
        for populator in populators:
            populator.populate(row, new)
        for name, place in annotations:
            setattr(new, name, row[place])
        return new

    return made


def converters_of(compiler: Any) -> list[Converter]:
    """Return the converters of the columns, in the order in which they are used; they belong to one connection."""
    columns = [column for column, *_ in compiler.select[: compiler.col_count]]
    found = compiler.get_converters(columns).items()
    return [(place, converter, column) for place, (converters, column) in found for converter in converters]
