"""Give credits to a customer, or take them."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from billing.credits import ledger
from billing.models import LedgerEntry


class Command(BaseCommand):
    """Book credits by hand: an operator's gift or correction."""

    help = "Give EMAIL a number of credits (negative takes them), with a note that the customer can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("credits", type=int)
        parser.add_argument("--note", required=True)

    def handle(self, *args: Any, email: str, credits: int, note: str, **options: Any) -> None:
        grant(email, credits, note)
        if options["verbosity"]:
            self.stdout.write(f"{email}: {credits:+d} credits")


def grant(email: str, amount: int, note: str) -> None:
    """Book `amount` credits for the user with that address; raises `CommandError` if that cannot be."""
    try:
        LedgerEntry(amount=amount, note=note).clean_fields(exclude={"account", "kind", "key"})
    except ValidationError as error:
        raise CommandError(
            "; ".join(f"{field}: {' '.join(told)}" for field, told in error.message_dict.items())
        ) from error
    if not amount:
        raise CommandError("Name how many credits to give, or with a minus to take.")
    try:
        user = User.objects.get_by_natural_key(email)
    except User.DoesNotExist as error:
        raise CommandError(f"There is no user {email}.") from error
    ledger.grant_by_operator(user, amount, note)
