from typing import Any

from django.core.management.base import BaseCommand

from batches.runs import sweep, wake


class Command(BaseCommand):
    """Workers do this every few seconds. This command does it once."""

    help = "Enqueue every batch that has work but no worker."

    def handle(self, *args: Any, **options: Any) -> None:
        batch_ids = sweep.find_stalled()
        for batch_id in batch_ids:
            wake.from_web(batch_id)
        if options["verbosity"]:
            self.stdout.write(f"{len(batch_ids)} batches")
