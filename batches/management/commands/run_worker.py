import sys
from argparse import ArgumentParser
from typing import Any

from celery import current_app
from celery.signals import worker_ready
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from batches import periodic
from batches.runs import heartbeat
from lib import memory


class Command(BaseCommand):
    """One process with many threads. In production, start as many workers as needed."""

    # Only the checks of our settings. Django's own import the pages, which workers don't need.
    requires_system_checks = ["start"]
    help = "Make images until stopped. SIGTERM finishes the images in flight first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        default = 16 if settings.BROKER_IS_EMBEDDED else 100
        parser.add_argument("--concurrency", type=int, default=default, help=f"images in flight at most ({default})")

    def handle(self, *args: Any, concurrency: int, verbosity: int, **options: Any) -> None:
        if concurrency < 1:
            raise CommandError("--concurrency: at least 1")
        # All threads share two heaps: glibc gives each thread its own, which holds megabytes of free memory.
        memory.set_malloc_option(memory.M_ARENA_MAX, 2)
        worker_ready.connect(_start_schedule)
        worker = current_app.Worker(
            pool_cls="threads",
            concurrency=concurrency,
            without_gossip=True,
            without_mingle=True,
            loglevel="INFO" if verbosity > 1 else "WARNING",
            quiet=True,
        )
        try:
            worker.start()
        finally:
            heartbeat.end()
        sys.exit(worker.exitcode)


def _start_schedule(**kwargs: object) -> None:
    """Start the schedule when the worker accepts tasks. Signal receivers must accept keyword arguments."""
    periodic.start()
