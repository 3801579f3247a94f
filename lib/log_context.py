"""Ids that each log line of a thread has: of its request, or of the batch that it is busy with."""

from collections.abc import Mapping
from contextvars import ContextVar

_ids: ContextVar[Mapping[str, str]] = ContextVar("log_ids", default={})  # noqa: B039  (replaced, never changed)


def current() -> Mapping[str, str]:
    return _ids.get()


def begin(**ids: str) -> None:
    """Forget the ids of the request or task before. There is no end, because Django logs after the middleware."""
    _ids.set(ids)


def add(**ids: str) -> None:
    _ids.set({**_ids.get(), **ids})
