"""Run the whole site on one machine: web server, worker and, if a key is missing, the sandbox."""

import os
import socket
from argparse import ArgumentParser
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from batches.runs.turns import STOP_SECONDS
from operations.processes import HOST, USUAL_PORT, port_file, sandbox_command, web_command, worker_command
from operations.supervisor import Child, Supervisor


class Command(BaseCommand):
    """`manage.py run_site`, which `make run` starts. All processes that it starts end with it."""

    help = __doc__
    # Each child runs the checks; here they would only delay the start.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=USUAL_PORT, help="port of the site; the sandbox takes the next one"
        )

    def handle(self, *, port: int, **options: Any) -> None:
        """Update the database and the static files, then run until Ctrl-C or SIGTERM."""
        _refuse_taken(_ports(port))
        call_command("migrate", interactive=False, verbosity=0)
        connections.close_all()
        if static_files_are_stale():
            call_command("collectstatic", interactive=False, verbosity=0)
        environment = site_environment(port)
        supervisor = Supervisor(site_processes(port, environment), report=self._print, stop_seconds=STOP_SECONDS)
        port_file(settings.VAR_DIR).write_text(str(port))
        try:
            supervisor.run(announce=lambda: self._welcome(environment["SITE_URL"], port))
        finally:
            port_file(settings.VAR_DIR).unlink(missing_ok=True)

    def _welcome(self, site_url: str, port: int) -> bool:
        if not all(_answers(each) for each in _ports(port)):
            return False
        self._print(
            f"\nImages in bulk runs at {site_url}\n\n"
            f"  Sign up     {site_url}/accounts/signup/ with any email address\n"
            f"              {_where_mails_go(port)}\n"
            "  Operator    .venv/bin/python manage.py create_user you@example.org --superuser\n"
            f"              then sign in and open {site_url}/admin/\n"
            "  Stop        Ctrl-C\n"
        )
        return True

    def _print(self, text: str) -> None:
        """Flush each line, so that the log of a site that runs for days is not missing its last lines."""
        self.stdout.write(text)
        self.stdout.flush()


def _where_mails_go(port: int) -> str:
    if settings.EMAIL_URL:
        return "The code comes by email."
    shown = f" and shown at http://{HOST}:{port + 1}/mail/" if has_sandbox() else ""
    return f"The mail with the code is printed in this terminal{shown}"


def has_sandbox() -> bool:
    return bool(settings.SANDBOX or settings.STRIPE_SANDBOX)


def _ports(port: int) -> list[int]:
    return [port, port + 1] if has_sandbox() else [port]


def site_environment(port: int) -> dict[str, str]:
    """Return the environment of the children: ours, with defaults for the URLs that depend on `port`."""
    return {
        "SITE_URL": f"http://{HOST}:{port}",
        "SANDBOX_URL": f"http://{HOST}:{port + 1}",
        "PYTHONUNBUFFERED": "1",
        **os.environ,
    }


def site_processes(port: int, environment: dict[str, str]) -> list[Child]:
    processes = [Child("worker", worker_command(), environment), Child("web", web_command(port), environment)]
    if has_sandbox():
        processes.insert(0, Child("sandbox", sandbox_command(port + 1), environment))
    return processes


def _refuse_taken(ports: list[int]) -> None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise CommandError(f"Port {port} is taken. Choose another one: make run PORT=8080") from error


def static_files_are_stale() -> bool:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    collected_at = manifest.stat().st_mtime
    sources = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([]))
    # Copied or unpacked files may have an old mtime, but a new ctime.
    return any(max(source.stat().st_mtime, source.stat().st_ctime) > collected_at for source in sources)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
