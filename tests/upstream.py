"""Fixtures that control the sandbox and read the calls it received; a plug-in of the root conftest."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from operations.processes import sandbox_command
from tests.ports import HOST, free_port
from tests.processes import Process, answers

#: Seconds that a call takes until its test has acted, however slow the machine is.
LONG = 300


@dataclass(frozen=True)
class Upstream:
    """A running sandbox; `url` is without a slash at the end."""

    url: str

    def set(self, **settings: Any) -> None:
        """Change some settings, named as on its control page.

        `delay_seconds` also ends calls in flight: wait for a call with `LONG`, act, and set 0.
        """
        requests.post(f"{self.url}/sandbox/settings", json=settings, timeout=60).raise_for_status()

    def log(self) -> dict[str, Any]:
        """Return the calls since the last `forget`, and how many were in flight at once."""
        return dict(requests.get(f"{self.url}/sandbox/calls", timeout=60).json())

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls since the last `forget`, oldest first."""
        return list(self.log()["calls"])

    def forget(self) -> None:
        """Forget the calls and what was counted for each prompt, and end every fault that is still to come."""
        requests.delete(f"{self.url}/sandbox/calls", timeout=60).raise_for_status()
        # Padded files are drawn once; others for each call, which takes longer than the call.
        usual = {"images_per_minute": None, "image_bytes": 10_000, "retry_after_seconds": 2, "fail_next": None}
        self.set(delay_seconds=0, **usual)


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """Run one sandbox for all tests of this process."""
    port, directory = free_port(), Path(tmp_path_factory.mktemp("sandbox"))
    variables = {"OPENAI_API_KEY": "", "SANDBOX_DELAY_SECONDS": "0", "SANDBOX_SITE_URL": "http://testserver"}
    environment = {**os.environ, "VAR_DIR": str(directory), **variables}
    process = Process("sandbox", sandbox_command(port), environment, directory / "sandbox.log").start()
    upstream = Upstream(f"http://{HOST}:{port}")
    process.wait_until(lambda: answers(upstream.url))
    yield upstream
    process.stop()


@pytest.fixture
def upstream(running_sandbox: Upstream, settings: Any) -> Upstream:
    """A sandbox that answers at once and has not been called yet; the site's client calls it."""
    settings.SANDBOX_URL = running_sandbox.url
    settings.OPENAI_BASE_URL = settings.REPLICATE_BASE_URL = f"{running_sandbox.url}/v1"
    running_sandbox.forget()
    return running_sandbox
