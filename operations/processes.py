"""How each process of the site is started on one machine."""

import sys
from pathlib import Path

HOST = "127.0.0.1"
MANAGE = (sys.executable, str(Path(__file__).resolve().parent.parent / "manage.py"))
GUNICORN = (sys.executable, "-m", "gunicorn", "imagesinbulk.wsgi")
# Threads: one slow reader must not hold up a process. gunicorn's control socket would lie in the home folder.
# Kept alive for longer than programs wait between two polls: who asks just when the server hangs up gets an error.
# One process, unless WEB_CONCURRENCY says more: without Redis each would count requests a minute for itself.
GUNICORN_OPTIONS = (
    "--preload --worker-class=gthread --threads=16 --timeout=60 --keep-alive=30 "
    "--graceful-timeout=10 --no-control-socket --log-level=warning"
).split()


def web_command(port: int) -> list[str]:
    """Return the command of the web server on `port` of the loopback address."""
    return [*GUNICORN, f"--bind={HOST}:{port}", *GUNICORN_OPTIONS]


def worker_command(*options: str) -> list[str]:
    """Return the command of the worker that makes the images; `options` as in `run_worker --help`."""
    return [*MANAGE, "run_worker", *options]


def sandbox_command(port: int) -> list[str]:
    """Return the command of the stand-in for the upstream on `port`."""
    return [*MANAGE, "run_sandbox", f"--port={port}"]
