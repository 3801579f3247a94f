"""Encrypt the secrets of the second factor anew, so that an old SECRET_KEY can be dropped."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.mfa import rotate

# Where allauth keeps what it encrypts, by type of authenticator.
_FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    """`rotate_secrets [--dry-run]`, run after SECRET_KEY has changed and the old key is a fallback."""

    help = "Encrypt authenticator secrets and recovery codes with today's SECRET_KEY."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are.")

    @transaction.atomic
    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        """Rewrite each secret; one that no key opens stops the command and changes nothing."""
        found = Authenticator.objects.select_for_update().filter(type__in=_FIELDS)
        count = 0
        for authenticator in found:
            field = _FIELDS[Authenticator.Type(authenticator.type)]
            if field not in authenticator.data:
                continue
            authenticator.data[field] = rotate(authenticator.data[field])
            count += 1
            if not dry_run:
                authenticator.save(update_fields=["data"])
        if options["verbosity"]:
            self.stdout.write(f"{count} secrets {'would be' if dry_run else 'were'} encrypted anew")
