from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import AuditAction, AuditEntry, User


class Command(BaseCommand):
    help = "Make a user with a verified email address; without --password, sign-in is by emailed code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password")
        parser.add_argument("--staff", action="store_true", help="may use the admin")
        parser.add_argument("--superuser", action="store_true", help="may do everything in the admin")

    @transaction.atomic
    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = _create(email, options["password"])
        user.is_superuser = options["superuser"]
        user.is_staff = options["staff"] or options["superuser"]
        user.save(update_fields=["is_superuser", "is_staff"])
        if roles := [f"+{name}" for name in ("is_staff", "is_superuser") if getattr(user, name)]:
            AuditEntry.objects.record(AuditAction.ROLE_CHANGED, user, note="; ".join(roles))
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        if options["verbosity"]:
            self.stdout.write(f"{user.email} can sign in.")


def _create(email: str, password: str | None) -> User:
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email} is not an email address.") from error
    if User.objects.filter(email=User.objects.normalize_email(email)).exists():
        raise CommandError(f"{email} is a user already.")
    return User.objects.create_user(email, password)
