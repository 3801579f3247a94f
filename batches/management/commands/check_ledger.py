from typing import Any

from django.core.management.base import BaseCommand, CommandError

from batches.ledger_check import holds_that_do_not_add_up
from billing.credits.check import unbalanced_accounts


class Command(BaseCommand):
    """Exit with status 1 if a balance, a hold or a charge is wrong."""

    help = "Check that balances equal the ledger, holds equal open prompts, and each image has its charge."

    def handle(self, *args: Any, **options: Any) -> None:
        if faults := unbalanced_accounts() + holds_that_do_not_add_up():
            raise CommandError("\n".join(faults))
        if options["verbosity"]:
            self.stdout.write("The ledger is right.")
