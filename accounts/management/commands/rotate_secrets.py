"""Encrypt all secrets again, so that an old SECRET_KEY can be removed."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import models, transaction

from accounts.mfa.adapter import rotate
from lib.encryption import EncryptedTextField

# The encrypted entry of `Authenticator.data` by type.
_FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    """`rotate_secrets [--dry-run]`, for after SECRET_KEY has changed and while the old one is a fallback."""

    help = "Encrypt authenticator secrets, recovery codes and webhook secrets with today's SECRET_KEY."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count them.")

    @transaction.atomic
    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        """Save all secrets, or none if one of them can't be decrypted."""
        count = 0
        for row, field in (*_authenticators(), *_encrypted_rows()):
            count += 1
            if not dry_run:
                row.save(update_fields=[field])
        if options["verbosity"]:
            self.stdout.write(f"{count} secrets {'would be' if dry_run else 'were'} encrypted again")


def _authenticators() -> Iterator[tuple[models.Model, str]]:
    """Yield allauth's rows with their secret encrypted again, and the field to save."""
    for authenticator in Authenticator.objects.select_for_update().filter(type__in=_FIELDS):
        name = _FIELDS[Authenticator.Type(authenticator.type)]
        if name in authenticator.data:
            authenticator.data[name] = rotate(authenticator.data[name])
            yield authenticator, "data"


def _encrypted_rows() -> Iterator[tuple[models.Model, str]]:
    """Yield each row with an `EncryptedTextField`, and the field to save: saving encrypts it again."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedTextField):
                for row in model._default_manager.select_for_update().exclude(**{field.name: ""}):
                    if not getattr(row, field.name):
                        raise InvalidToken
                    yield row, field.name
