"""Starts processes, restarts them when they end, and stops them in order."""

import ctypes
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

POLL_SECONDS = 0.1
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# After this time the next failure of a process counts as its first.
HEALTHY_SECONDS = 30.0
SAME_REQUEST_SECONDS = 1.0
LINUX_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    failure_count: int = 0

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=self.environment, start_new_session=True, preexec_fn=end_with_parent()
        )

    def plan_restart(self) -> float:
        """Set when to start again and return the delay in seconds, which doubles with each failure in a row."""
        lived = time.monotonic() - self.started_at
        self.failure_count = 0 if lived > HEALTHY_SECONDS else self.failure_count + 1
        delay = min(FIRST_DELAY_SECONDS * 2.0 ** max(self.failure_count - 1, 0), LONGEST_DELAY_SECONDS)
        self.process = None
        self.due_at = time.monotonic() + delay
        return delay

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        """Send SIGTERM, on which each of our processes finishes what it is doing."""
        if self.process is not None and self.is_running():
            self.process.terminate()

    def kill(self) -> None:
        if self.process is not None and self.is_running():
            os.killpg(self.process.pid, signal.SIGKILL)


def end_with_parent() -> Callable[[], None] | None:
    """Return the `preexec_fn` of a child that gets SIGTERM when this process dies, however it dies.

    Linux only (prctl(2), PR_SET_PDEATHSIG); elsewhere a `kill -9` of the supervisor leaves its children running.
    Use it from the main thread: the signal is sent when the thread that forked ends, not the process.
    """
    if sys.platform != "linux":
        return None
    parent_pid = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True)

    def request_signal() -> None:
        libc.prctl(LINUX_PR_SET_PDEATHSIG, signal.SIGTERM)
        # If the parent died between fork and prctl, the signal never comes.
        if os.getppid() != parent_pid:
            os._exit(1)

    return request_signal


@dataclass
class Supervisor:
    """Runs `children` until it gets a signal, and restarts those that die.

    They are started in order and stopped in reverse order, each after the one before has ended.
    """

    children: Sequence[Child]
    report: Callable[[str], object]
    #: A child that does not end within this time is killed.
    stop_seconds: float
    stop_requests: int = field(default=0, init=False)
    last_request_at: float = field(default=-math.inf, init=False)

    def run(self, announce: Callable[[], bool]) -> None:
        """Start all children and watch them until SIGINT or SIGTERM; return when all have ended.

        `announce` is called repeatedly until it returns True: it prints a message once the site is up.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        for child in self.children:
            child.start()
        is_announced = False
        while not self.stop_requests:
            self._restart_dead_children()
            is_announced = is_announced or announce()
            time.sleep(POLL_SECONDS)
        self._stop_all()

    def _request_stop(self, _number: int, _frame: object) -> None:
        # A shell or make may send the same signal twice; only a later one means to stop at once.
        if time.monotonic() - self.last_request_at > SAME_REQUEST_SECONDS:
            self.stop_requests += 1
        self.last_request_at = time.monotonic()

    def _restart_dead_children(self) -> None:
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.due_at:
                    child.start()
            elif (code := child.process.poll()) is not None:
                self.report(f"{child.name} ended ({code}); starting it again in {child.plan_restart():g} s")

    def _stop_all(self) -> None:
        self.report("Stopping. Images in flight are finished first; Ctrl-C again to stop at once.")
        for child in reversed(self.children):
            child.terminate()
            self._wait_for(child)

    def _wait_for(self, child: Child) -> None:
        deadline = time.monotonic() + self.stop_seconds
        while child.is_running():
            if self.stop_requests > 1 or time.monotonic() > deadline:
                child.kill()
            time.sleep(POLL_SECONDS)
