"""The shared cache of production, on a real Redis."""

from collections.abc import Iterator

import pytest

from imagesinbulk.redis_cache import RedisCache
from tests.databases import Redis, redis
from tests.threads import at_once

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis for these tests."""
    with redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def cache(server: Redis) -> RedisCache:
    """An empty cache on it."""
    server.flush()
    return RedisCache(server.url(1), {})


def test_what_was_stored_is_found(cache: RedisCache) -> None:
    cache.set("session", {"user": 7})
    assert cache.get("session") == {"user": 7}


def test_another_process_finds_it_too(cache: RedisCache, server: Redis) -> None:
    cache.set("session", {"user": 7})
    assert RedisCache(server.url(1), {}).get("session") == {"user": 7}


def test_commands_share_a_client(cache: RedisCache) -> None:
    assert cache._cache.get_client("one") is cache._cache.get_client("another", write=True)


@pytest.mark.django_db(transaction=True)
def test_threads_may_share_it(cache: RedisCache) -> None:
    cache.set("count", 0)
    at_once([lambda: [cache.incr("count") for _ in range(100)]] * 8)
    assert cache.get("count") == 800


def test_it_goes_on_after_redis_was_away(cache: RedisCache, server: Redis) -> None:
    cache.set("session", 7)
    server.process.kill9()
    server.start()
    assert cache.get("session") == 7
