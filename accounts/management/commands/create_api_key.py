"""Create an API key and print it. It is shown only once."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from lib.utc_days import end_of


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            choices=ApiKey.Scope.values,
            help="what it may do, repeated or in a row; all but billing if none is named",
        )
        parser.add_argument(
            "--last-day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="it works until the end of it (UTC)"
        )
        parser.add_argument("--monthly-credits", type=int, metavar="N", help="its batches never use more in a month")

    def handle(self, *, email: str, name: str, scope: list[str] | None, **options: Any) -> None:
        """Print the key and nothing else to stdout."""
        user = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        scopes = scope or api_keys.DEFAULT_SCOPES
        if ApiKey.Scope.BILLING in scopes and not user.is_staff:
            raise CommandError("The scope billing is for operators only.")
        _key, text = api_keys.create(user, name.strip(), scopes, **_terms(name, **options))
        self.stdout.write(text)


def _terms(name: str, *, last_day: date | None, monthly_credits: int | None, **_options: Any) -> dict[str, Any]:
    """Return the limits of the key; raises `CommandError` if they or the name are not valid."""
    if last_day and not datetime.now(UTC).date() <= last_day < date.max:
        raise CommandError(f"{last_day} is over, or the last day that there is.")
    if monthly_credits is not None and monthly_credits < 1:
        raise CommandError("A key needs at least one credit a month.")
    terms = {"expires_at": last_day and end_of(last_day), "monthly_credit_limit": monthly_credits}
    try:
        ApiKey(name=name.strip(), **terms).clean_fields(exclude={"user", "public_id", "secret_sha256", "scopes"})
    except ValidationError as error:
        raise CommandError(
            "; ".join(f"{field}: {' '.join(errors)}" for field, errors in error.message_dict.items())
        ) from error
    return terms
