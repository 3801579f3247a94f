"""The commands that start the processes of the site on one machine."""

import sys
from pathlib import Path

HOST = "127.0.0.1"
USUAL_PORT = 8000
ROOT = Path(__file__).resolve().parent.parent
MANAGE = (sys.executable, str(ROOT / "manage.py"))
GUNICORN = (sys.executable, "-m", "gunicorn", f"--config={ROOT / 'deploy/gunicorn.conf.py'}", "imagesinbulk.wsgi")


def port_file(directory: Path) -> Path:
    """Return the file in which `run_site` writes its port, so that commands in another terminal find the site."""
    return directory / "port"


def running_port(directory: Path) -> int:
    try:
        return int(port_file(directory).read_text())
    except (FileNotFoundError, ValueError):
        return USUAL_PORT


def web_command(port: int) -> list[str]:
    return [*GUNICORN, f"--bind={HOST}:{port}"]


def worker_command(*options: str) -> list[str]:
    return [*MANAGE, "run_worker", *options]


def sandbox_command(port: int) -> list[str]:
    return [*MANAGE, "run_sandbox", f"--port={port}"]
