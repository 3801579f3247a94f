"""The counts of `limits` in a file: the same for all processes, and the same as the library's own."""

import random
import subprocess
import sys
import time

import pytest
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

from tests.processes import ROOT

HIT_TWENTY_TIMES = """
import sys
import imagesinbulk
from limits import RateLimitItemPerHour
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
limiter = SlidingWindowCounterRateLimiter(storage_from_string(sys.argv[1]))
print(sum(limiter.hit(RateLimitItemPerHour(50), "key") for _ in range(20)))
"""


@pytest.fixture
def address(tmp_path):
    return f"sqlite://{tmp_path / 'limits.sqlite3'}"


@pytest.fixture
def clock(monkeypatch):
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_processes_share_one_count(address):
    command = [sys.executable, "-c", HIT_TWENTY_TIMES, address]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert sum(int(process.communicate()[0]) for process in processes) == 50


@pytest.mark.parametrize("strategy", [SlidingWindowCounterRateLimiter, FixedWindowRateLimiter])
def test_it_answers_as_the_librarys_own_storage(address, clock, strategy):
    ours, its = strategy(storage_from_string(address)), strategy(MemoryStorage())
    item, dice = RateLimitItemPerMinute(10), random.Random(7)
    for _ in range(400):
        # No round numbers: at the moment when a place comes free, the last digit of a float would decide.
        clock[0] += dice.choice([0.617, 3.149, 20.713, 130.331])
        key, cost = dice.choice("ab"), dice.choice([1, 1, 4])
        assert ours.hit(item, key, cost=cost) == its.hit(item, key, cost=cost)
        assert ours.test(item, key) == its.test(item, key)
        assert tuple(ours.get_window_stats(item, key)) == pytest.approx(tuple(its.get_window_stats(item, key)))


def test_what_has_ended_is_not_kept(address, clock):
    storage = storage_from_string(address)
    for _ in range(50):
        clock[0] += 100
        storage.acquire_sliding_window_entry("key", 10, 60)
    assert storage.reset() < 5


def test_one_key_can_be_cleared(address):
    limiter = SlidingWindowCounterRateLimiter(storage_from_string(address))
    item = RateLimitItemPerMinute(1)
    assert [limiter.hit(item, "a"), limiter.hit(item, "b"), limiter.hit(item, "a")] == [True, True, False]
    limiter.clear(item, "a")
    assert [limiter.hit(item, "a"), limiter.hit(item, "b")] == [True, False]


def test_a_file_that_cannot_be_opened_is_the_librarys_own_error(tmp_path):
    storage = storage_from_string(f"sqlite://{tmp_path / 'none' / 'limits.sqlite3'}", wrap_exceptions=True)
    assert not storage.check()
    with pytest.raises(StorageError):
        storage.acquire_sliding_window_entry("key", 10, 60)
