"""`manage.py invite_operator EMAIL`: a link with which an operator may set up a second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import enrolment
from accounts.models import User
from accounts.reauthentication import has_second_factor


class Command(BaseCommand):
    """Print the link alone on stdout."""

    help = "Print a link with which an operator may set up the first second factor. It works once, for a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist as missing:
            raise CommandError(f"There is no user with the address {email}.") from missing
        if not user.is_staff:
            raise CommandError(f"{email} is not an operator: create_user {email} --staff makes one.")
        if has_second_factor(user):
            raise CommandError(f"{email} already has a second factor.")
        self.stdout.write(enrolment.invite(user))
