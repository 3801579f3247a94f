"""Make an API key and print it, alone and this once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import api_keys
from accounts.models import ApiKey, User


class Command(BaseCommand):
    """`manage.py create_api_key EMAIL --name NAME [--scope S …]`."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the owner, the name and the scopes."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            choices=ApiKey.Scope.values,
            help="what it may do, repeated or in a row; all but billing if none is named",
        )

    def handle(self, *, email: str, name: str, scope: list[str] | None, **options: Any) -> None:
        """Print the key; nothing else goes to stdout."""
        user = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        scopes = scope or api_keys.USUAL_SCOPES
        if ApiKey.Scope.BILLING in scopes and not user.is_staff:
            raise CommandError("The scope billing is for operators only.")
        _key, text = api_keys.create(user, name, scopes)
        self.stdout.write(text)
