"""The commands that start the processes of the site on one machine."""

import sys
from pathlib import Path

HOST = "127.0.0.1"
USUAL_PORT = 8000
MANAGE = (sys.executable, str(Path(__file__).resolve().parent.parent / "manage.py"))
GUNICORN = (sys.executable, "-m", "gunicorn", "imagesinbulk.wsgi")
# gthread: a slow client must not block a process. gunicorn would put its control socket into the home directory.
# keep-alive: longer than programs wait between two polls. A request that meets a closing connection fails.
# One process, unless WEB_CONCURRENCY is set: without Redis each would count the requests per minute for itself.
GUNICORN_OPTIONS = (
    "--preload --worker-class=gthread --threads=16 --timeout=60 --keep-alive=30 "
    "--graceful-timeout=10 --no-control-socket --log-level=warning"
).split()


def port_file(directory: Path) -> Path:
    """Return the file in which `run_site` writes its port, so that commands in another terminal find the site."""
    return directory / "port"


def running_port(directory: Path) -> int:
    try:
        return int(port_file(directory).read_text())
    except (FileNotFoundError, ValueError):
        return USUAL_PORT


def web_command(port: int) -> list[str]:
    return [*GUNICORN, f"--bind={HOST}:{port}", *GUNICORN_OPTIONS]


def worker_command(*options: str) -> list[str]:
    return [*MANAGE, "run_worker", *options]


def sandbox_command(port: int) -> list[str]:
    return [*MANAGE, "run_sandbox", f"--port={port}"]
