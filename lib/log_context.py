"""Ids that each log line of a request or a task has."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ids: ContextVar[Mapping[str, str]] = ContextVar("log_ids", default={})  # noqa: B039  (replaced, never changed)


def current() -> Mapping[str, str]:
    return _ids.get()


def add(**ids: str) -> None:
    """Add ids until the surrounding `added` ends."""
    _ids.set({**_ids.get(), **ids})


@contextmanager
def added(**ids: str) -> Iterator[None]:
    token = _ids.set({**_ids.get(), **ids})
    try:
        yield
    finally:
        _ids.reset(token)
