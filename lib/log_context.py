"""Ids in the log lines of a thread: of its request, or of its batch."""

from collections.abc import Mapping
from contextvars import ContextVar

_ids: ContextVar[Mapping[str, str]] = ContextVar("log_ids", default={})  # noqa: B039  (replaced, never changed)


def current() -> Mapping[str, str]:
    return _ids.get()


def begin(**ids: str) -> None:
    """Clear the ids of the previous request or task. Not done at its end, because Django logs after the middleware."""
    _ids.set(ids)


def add(**ids: str) -> None:
    _ids.set({**_ids.get(), **ids})
