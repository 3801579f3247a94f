from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from billing.credits import ledger
from billing.models import LedgerEntry


class Command(BaseCommand):
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
    """Raises `CommandError` if the note is too long, the amount is zero or there is no such user."""
    try:
        LedgerEntry(amount=amount, note=note).clean_fields(exclude={"account", "kind", "key"})
    except ValidationError as error:
        raise CommandError(
            "; ".join(f"{field}: {' '.join(errors)}" for field, errors in error.message_dict.items())
        ) from error
    if not amount:
        raise CommandError("Enter a number of credits other than 0; a negative number takes credits.")
    try:
        user = User.objects.get_by_natural_key(email)
    except User.DoesNotExist as error:
        raise CommandError(f"There is no user {email}.") from error
    ledger.grant_by_operator(user, amount, note)
