"""Programs that use the API of a running site: a key for a customer, and the client's command."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.engine.customer import Customer
from tests.processes import PATIENCE_SECONDS, ROOT

#: What programs need of this machine.
BARE = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def environment_of(customer: Customer) -> dict[str, str]:
    """Return an environment with the site's address and a new key of the customer, who has a plan."""
    file = customer.site.directory / "key"
    customer.act(f"write_key({customer.email!r}, {str(file)!r})")
    key = file.read_text()
    client = str(ROOT / "clients/iib/src")
    return {**BARE, "PYTHONPATH": client, "IIB_API_KEY": key, "IIB_URL": customer.site.url}


def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> str:
    """Run a program in that folder and return what it printed; a failure raises with it."""
    result = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def take_ctrl_c() -> None:
    """Let Ctrl-C reach the program: a shell that starts tests in the background ignores it for all of them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def iib(*arguments: str) -> list[str]:
    """Return the command line of the client."""
    return [sys.executable, "-m", "iib", *arguments]
