"""Encrypt every secret anew, so that an old SECRET_KEY can be dropped."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import models, transaction

from accounts.mfa.adapter import rotate
from lib.encryption import EncryptedTextField

# Where allauth keeps what it encrypts, by type of authenticator.
_FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    """`rotate_secrets [--dry-run]`, run after SECRET_KEY has changed and the old key is a fallback."""

    help = "Encrypt authenticator secrets, recovery codes and webhook secrets with today's SECRET_KEY."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are.")

    @transaction.atomic
    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        """Rewrite each secret; one that no key opens stops the command and changes nothing."""
        count = 0
        for row, field in (*_authenticators(), *_encrypted_rows()):
            count += 1
            if not dry_run:
                row.save(update_fields=[field])
        if options["verbosity"]:
            self.stdout.write(f"{count} secrets {'would be' if dry_run else 'were'} encrypted anew")


def _authenticators() -> Iterator[tuple[models.Model, str]]:
    """Yield what allauth has encrypted, with its new cipher text, and the name of the field."""
    for authenticator in Authenticator.objects.select_for_update().filter(type__in=_FIELDS):
        name = _FIELDS[Authenticator.Type(authenticator.type)]
        if name in authenticator.data:
            authenticator.data[name] = rotate(authenticator.data[name])
            yield authenticator, "data"


def _encrypted_rows() -> Iterator[tuple[models.Model, str]]:
    """Yield each row that has a secret in a field of ours, and the field's name: saving encrypts it anew."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedTextField):
                for row in model._default_manager.select_for_update().exclude(**{field.name: ""}):
                    if not getattr(row, field.name):
                        raise InvalidToken
                    yield row, field.name
