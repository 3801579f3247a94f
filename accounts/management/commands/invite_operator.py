"""`manage.py invite_operator EMAIL`: print a link with which an operator can add a second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.mfa import enrolment
from accounts.models import User


class Command(BaseCommand):
    """Prints nothing but the link to stdout."""

    help = "Print a link with which an operator may set up the first second factor. It works once, for a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist as missing:
            raise CommandError(f"There is no user with the address {email}.") from missing
        try:
            self.stdout.write(enrolment.invite(user, actor=None))
        except enrolment.NotInvitable as error:
            raise CommandError(f"{email} is not an operator, or already has a second factor.") from error
