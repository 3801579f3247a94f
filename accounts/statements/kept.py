"""Where a process keeps the statements that it has made."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper

Made = TypeVar("Made")
#: Shared by all threads: two that make the same at the same moment make it equal.
_made: dict[Hashable, Any] = {}
#: A number in an expression makes a statement of its own, and few of those are used again.
_MOST = 500


def kept(connection: BaseDatabaseWrapper, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what was made under `key` for this kind of database; the first time it is made."""
    full_key = connection.vendor, key
    made: Made | None = _made.get(full_key)
    if made is None:
        if len(_made) >= _MOST:
            _made.clear()
        made = _made[full_key] = make()
    return made
