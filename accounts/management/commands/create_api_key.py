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
        parser.add_argument("--scope", action="append", default=[], choices=ApiKey.Scope.values)

    def handle(self, *, email: str, name: str, scope: list[str], **options: Any) -> None:
        """Print the key; nothing else goes to stdout."""
        user = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        if ApiKey.Scope.BILLING in scope and not user.is_staff:
            raise CommandError("The scope billing is for operators only.")
        self.stdout.write(api_keys.create(user, name, scope))
