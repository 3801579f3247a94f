"""Django's Redis cache with clients that are kept.

Django makes a client for each command, and redis-py makes a table of all commands for each client: a third of the
time of a read. A client may be used by all threads; its pool gives each its own connection.
"""

from typing import Any

from django.core.cache.backends import redis


class _Client(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of_server: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # its stub does not know it
        if index not in self._of_server:
            self._of_server[index] = super().get_client(key, write=write)
        return self._of_server[index]


class RedisCache(redis.RedisCache):
    """The backend of a `CACHE_URL` that begins with `redis`."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
