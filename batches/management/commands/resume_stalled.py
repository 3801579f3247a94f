"""Let go on what has stalled."""

from typing import Any

from django.core.management.base import BaseCommand

from batches.runs import sweep, wake


class Command(BaseCommand):
    """The worker sweeps by itself every few seconds; this does one sweep by hand."""

    help = "Hint at every batch that has work and nobody working on it."

    def handle(self, *args: Any, **options: Any) -> None:
        batch_ids = sweep.find_stalled()
        for batch_id in batch_ids:
            wake.from_web(batch_id)
        if options["verbosity"]:
            self.stdout.write(f"{len(batch_ids)} batches")
