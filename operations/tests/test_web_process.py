"""How the web server's processes share the connections that are made together."""

import pytest
from gunicorn.workers.gthread import ThreadWorker

from operations.web_process import WebProcess


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of making them."""
    made: list[float] = []
    monkeypatch.setattr("operations.web_process.time.sleep", made.append)
    return made


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> WebProcess:
    """A process that gets each connection that another has not taken: those that are given to `accept` as True."""
    process = WebProcess.__new__(WebProcess)
    process.nr_conns = 0
    monkeypatch.setattr(
        ThreadWorker, "accept", lambda self, is_left: setattr(self, "nr_conns", self.nr_conns + is_left)
    )
    return process


def test_the_only_connection_is_taken_without_a_pause(process: WebProcess, pauses: list[float]) -> None:
    process.accept(True)
    assert pauses == []


def test_after_each_further_one_another_process_has_its_turn(process: WebProcess, pauses: list[float]) -> None:
    for _ in range(4):
        process.accept(True)
    assert len(pauses) == 3


def test_who_comes_too_late_does_not_pause(process: WebProcess, pauses: list[float]) -> None:
    process.accept(True)
    process.accept(False)
    assert pauses == []
