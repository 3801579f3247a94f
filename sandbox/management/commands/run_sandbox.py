import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

HOST = "127.0.0.1"
# One process, because calls and settings are in memory; a thread for each call that waits.
# The short grace ends calls that hang on purpose. gunicorn's control socket would lie in the home folder.
GUNICORN_OPTIONS = (
    "--worker-class=gthread --workers=1 --threads=300 --worker-connections=2000 --timeout=300 --graceful-timeout=1 "
    "--keep-alive=75 --no-control-socket --log-level=warning"
).split()


class Command(BaseCommand):
    """Serve the stand-ins: an upstream that draws its images itself, a Stripe that moves no money, and sign-in."""

    # It becomes a project of its own, which has no use for the site's.
    requires_system_checks: list[str] = []
    help = "Serves OpenAI, Replicate, Stripe, Google and Microsoft on 127.0.0.1, each where its real key is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the port."""
        parser.add_argument("--port", type=int, default=8001, help="TCP port, 8001 by default")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Become the server's process, so that signals reach it directly."""
        if "_live_" in str(getattr(settings, "STRIPE_SECRET_KEY", "")):
            raise CommandError(
                "STRIPE_SECRET_KEY is a live key: real money and the sandbox's pictures do not go together."
            )
        if settings.OPENAI_API_KEY and not settings.STRIPE_SANDBOX:
            raise CommandError(
                "OPENAI_API_KEY is set, and payments need no stand-in: this site is real, so its sandbox does not "
                "serve. Unset a key to work with the sandbox."
            )
        self.stdout.write(f"Sandbox (nothing here is real): http://{HOST}:{port}/")
        self.stdout.flush()
        command = [sys.executable, "-m", "gunicorn", "sandbox.wsgi", f"--bind={HOST}:{port}", *GUNICORN_OPTIONS]
        os.execvpe(sys.executable, command, environment())  # noqa: S606  (a command of our own words)


def environment() -> dict[str, str]:
    """The environment of the sandbox's own project; each value that is already set stays."""
    defaults = {
        "SANDBOX_MAIL_DIR": str(settings.MAIL_DIR),
        "SANDBOX_SITE_URL": settings.SITE_URL,
        "SANDBOX_STRIPE": _on(settings.STRIPE_SANDBOX),
        "SANDBOX_REPLICATE": _on(settings.REPLICATE_SANDBOX),
        "SANDBOX_STRIPE_FILE": str(Path(settings.VAR_DIR) / "sandbox-stripe.json"),
    }
    # Whatever is set: with a real key, a stand-in would be taken for the real service.
    decided = {"SANDBOX_IDENTITY": _on(settings.IDENTITY_SANDBOX)}
    if settings.OPENAI_API_KEY:
        decided["SANDBOX_OPENAI"] = "off"
    return {**defaults, **os.environ, **decided, "DJANGO_SETTINGS_MODULE": "sandbox.settings"}


def _on(is_served: bool) -> str:
    return "on" if is_served else "off"
