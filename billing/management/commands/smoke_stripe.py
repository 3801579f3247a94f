"""Subscribe, refund and cancel at Stripe with your own test key, and prove the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import smoke


class Command(BaseCommand):
    """`manage.py smoke_stripe`: after setting a test key, or after an upgrade; docs/billing.md."""

    help = __doc__

    def handle(self, **options: Any) -> None:
        """Print each step; exit with 1 at the first that is not as it must be."""
        try:
            for line in smoke.run():
                self.stdout.write(line)
        except smoke.StripeTrouble as trouble:
            raise CommandError(f"Stripe: {trouble}") from trouble
        except smoke.SmokeFailed as failed:
            raise CommandError(str(failed)) from failed
