"""Real processes for tests: started, logged to a file, killed when asked and never left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import requests

from operations.supervisor import end_with_parent

ROOT = Path(__file__).resolve().parent.parent
LAST_LINES = 60
#: A condition that comes true within a second may take a minute on a small machine that runs other tests, too.
PATIENCE_SECONDS = 180
Value = TypeVar("Value")


def wait_for(
    condition: Callable[[], Value], timeout: float = PATIENCE_SECONDS, *, every: float = 0.2, what: str = ""
) -> Value:
    """Return the first truthy value of `condition`; TimeoutError after `timeout` seconds.

    It is asked often at first, then less and less, down to once in `every` seconds: asking costs CPU time.
    """
    started_at = time.monotonic()
    while not (value := condition()):
        waited = time.monotonic() - started_at
        if waited > timeout:
            raise TimeoutError(f"{what or condition} was not true within {timeout} s")
        time.sleep(min(every, 0.02 + waited / 10))
    return value


def answers(url: str) -> bool:
    """Tell whether an HTTP server answers at `url`, whatever it says."""
    try:
        requests.get(url, timeout=60, allow_redirects=False)
    # A server listens before it has loaded what it serves.
    except (requests.ConnectionError, requests.Timeout):
        return False
    return True


@dataclass
class Process:
    """One process of a test; what it prints goes to the file `log`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path = ROOT
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        """Start it in its folder, in a session of its own; it dies with the test's process."""
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(),
            )
        return self

    @property
    def pid(self) -> int:
        """Return the id of the process last started."""
        assert self.popen is not None, f"{self.name} was not started"
        return self.popen.pid

    def is_running(self) -> bool:
        """Tell whether it was started and has not ended."""
        return self.popen is not None and self.popen.poll() is None

    def wait_until(self, ready: Callable[[], object], timeout: float = PATIENCE_SECONDS) -> "Process":
        """Wait until `ready`; a process that ends before that fails with the end of its log."""

        def is_ready() -> object:
            if not self.is_running():
                raise RuntimeError(f"{self.name} ended:\n{self.tail()}")
            return ready()

        wait_for(is_ready, timeout, what=f"{self.name} ready")
        return self

    def tail(self) -> str:
        """Return the last lines that it printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def send(self, number: signal.Signals) -> None:
        """Send the signal `number`, if it runs."""
        if self.popen is not None and self.popen.poll() is None:
            self.popen.send_signal(number)

    def kill9(self) -> None:
        """Kill it and its children at once, as a lost machine would."""
        assert self.popen is not None
        if self.is_running():
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, timeout: float = PATIENCE_SECONDS) -> None:
        """Ask it to end by SIGTERM; kill it after `timeout` seconds."""
        self.send(signal.SIGTERM)
        if self.popen is None:
            return
        try:
            self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill9()
