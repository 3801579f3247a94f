"""Processes killed with -9 while images are made."""

import random
import time
from collections.abc import Callable

from tests.faults.traffic import traffic
from tests.faults.trial import Trial

#: A prompt whose call is cut twice is not sent a third time.
CUT_TWICE = ("unknown_outcome", "interrupted")


def workers(trial: Trial, *, kills: int, batches: int, prompts: int) -> None:
    """Kill workers that make one image at a time, one worker for each batch: a kill wastes at most one image."""
    trial.concurrency = 1
    _kill_evenly(trial, kills=kills, batches=batches, prompts=prompts, worker_count=batches)


def busy_workers(trial: Trial, *, kills: int, batches: int, prompts: int) -> None:
    """Kill one of two workers that make the images of all batches between them."""
    _kill_evenly(trial, kills=kills, batches=batches, prompts=prompts, worker_count=2)


def _kill_evenly(trial: Trial, *, kills: int, batches: int, prompts: int, worker_count: int) -> None:
    """Kill workers at random moments, evenly over the run."""
    trial.may_fail = CUT_TWICE
    trial.submit_numbered(batches, prompts)
    trial.start_workers(worker_count)
    for number in range(1, kills + 1):
        trial.wait_for_ended(round(batches * prompts * number / (kills + 2)))
        time.sleep(random.uniform(0, 2 * trial.upstream.seconds))
        trial.kill_any_worker()
    trial.wait_until_finished()


def database(trial: Trial, **sizes: int) -> None:
    server = trial.site.database
    assert server
    _outage(trial, server.process.kill9, server.start, **sizes)


def broker(trial: Trial, **sizes: int) -> None:
    server = trial.site.broker
    assert server
    _outage(trial, server.process.kill9, server.start, **sizes)


def web(trial: Trial, **sizes: int) -> None:
    _outage(trial, trial.site.web.kill9, trial.site.start_web, **sizes)


def _outage(
    trial: Trial,
    kill: Callable[[], object],
    start: Callable[[], object],
    *,
    seconds: int,
    submits: int,
    batches: int,
    prompts: int,
) -> None:
    trial.submit_numbered(batches, prompts)
    trial.start_workers(2)
    trial.wait_for_ended(batches)
    with traffic(trial, submits):
        time.sleep(random.uniform(0.2, 1))
        kill()
        time.sleep(seconds)
        start()
