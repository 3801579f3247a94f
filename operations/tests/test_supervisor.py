"""A supervisor in a process of its own, with small children that write down what happens to them."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from operations.supervisor import LONGEST_DELAY_SECONDS, SAME_REQUEST_SECONDS, Child
from tests.processes import Process, wait_for

SUPERVISE = """
import os, pathlib, sys
from operations.supervisor import Child, Supervisor
diary = sys.argv[1]
children = [Child(name, [sys.executable, "-c", CHILD, diary, name], dict(os.environ)) for name in ("first", "second")]
Supervisor(children, report=print, stop_seconds=STOP).run(announce=lambda: True)
"""
CHILD = """
import os, signal, sys, time
diary, name = sys.argv[1:]
def write(word):
    with open(diary, "a") as file:
        file.write(f"{word} {name} {os.getpid()}\\n")
def end(*_):
    write("ended")
    sys.exit()
signal.signal(signal.SIGTERM, end)
write("began")
time.sleep(3600)
"""


class Supervised:
    """The supervisor's process and the diary of its children."""

    def __init__(self, directory: Path, child: str = CHILD, stop_seconds: float = 3600) -> None:
        self.diary = directory / "diary"
        self.diary.touch()
        code = f"CHILD, STOP = {child!r}, {stop_seconds}\n{SUPERVISE}"
        command = [sys.executable, "-c", code, str(self.diary)]
        self.process = Process("supervisor", command, dict(os.environ), directory / "log").start()

    def entries(self, word: str) -> list[list[str]]:
        return [line.split() for line in self.diary.read_text().splitlines() if line.startswith(word)]


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    running = Supervised(tmp_path)
    wait_for(lambda: len(running.entries("began")) == 2)
    yield running
    running.process.stop()


def has_ended(pid: int) -> Callable[[], bool]:
    def ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return ended


def test_a_killed_child_is_started_again(supervised: Supervised) -> None:
    victim = int(supervised.entries("began")[0][2])
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(supervised.entries("began")) == 3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_the_children_last_started_first(supervised: Supervised, number: signal.Signals) -> None:
    supervised.process.send(number)
    wait_for(lambda: not supervised.process.is_running())
    assert [entry[1] for entry in supervised.entries("ended")] == ["second", "first"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_no_child_survives_a_killed_supervisor(supervised: Supervised) -> None:
    pids = [int(entry[2]) for entry in supervised.entries("began")]
    supervised.process.kill9()
    for pid in pids:
        wait_for(has_ended(pid))


def test_each_failure_in_a_row_doubles_the_delay_up_to_a_bound() -> None:
    child = Child("failing", [], {}, started_at=time.monotonic())
    delays = [child.plan_restart() for _ in range(10)]
    assert delays[:3] == [0.5, 1.0, 2.0]
    assert delays[-1] == LONGEST_DELAY_SECONDS


def test_a_second_request_ends_a_child_that_does_not_end_by_itself(tmp_path: Path) -> None:
    supervised = Supervised(tmp_path, child=CHILD.replace("sys.exit()", "time.sleep(3600)"))
    wait_for(lambda: len(supervised.entries("began")) == 2)
    supervised.process.send(signal.SIGTERM)
    wait_for(lambda: supervised.entries("ended"))
    time.sleep(SAME_REQUEST_SECONDS)
    supervised.process.send(signal.SIGTERM)
    wait_for(lambda: not supervised.process.is_running())


def test_a_child_that_does_not_end_in_time_is_killed(tmp_path: Path) -> None:
    supervised = Supervised(tmp_path, child=CHILD.replace("sys.exit()", "time.sleep(3600)"), stop_seconds=2)
    wait_for(lambda: len(supervised.entries("began")) == 2)
    supervised.process.send(signal.SIGTERM)
    wait_for(lambda: not supervised.process.is_running())
    assert len(supervised.entries("ended")) == 2
