from typing import Any

from django.core.management.base import BaseCommand, CommandError

from batches.runs import heartbeat


class Command(BaseCommand):
    """The health check of a worker's container. It needs neither database nor cache."""

    help = f"Exit with status 1 if no worker of this machine has had a heartbeat for {heartbeat.ALIVE_SECONDS} s."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not heartbeat.is_alive_here():
            raise CommandError("No worker is alive here.")
