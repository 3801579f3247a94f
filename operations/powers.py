"""What operators may change of each other's accounts, and descriptions of changed permissions."""

from collections.abc import Iterable
from typing import Any

from django.forms import ModelForm
from django.utils.translation import gettext

from accounts.models import User

#: Flags and lists of a user that decide what the user may do.
FLAGS = ("is_active", "is_staff", "is_superuser")
LISTS = ("groups", "user_permissions")
_BETWEEN = "; "


def is_operator(user: User) -> bool:
    return user.is_staff or user.is_superuser


def may_change(operator: Any, user: User) -> bool:
    return bool(operator.is_superuser) or not is_operator(user)


def changes(form: ModelForm) -> str:
    """Return the changed permissions, for example "-is_active; +groups:Support"."""
    before, after = form.initial, form.cleaned_data
    flags = [f"{'+' if after[name] else '-'}{name}" for name in FLAGS if name in form.changed_data]
    lists = [name for name in LISTS if name in form.changed_data]
    parts = [*flags, *(part for name in lists for part in list_changes(name, before[name], after[name]))]
    return joined(parts)


def list_changes(name: str, before: Iterable[Any], after: Iterable[Any]) -> list[str]:
    old, new = {str(entry) for entry in before}, {str(entry) for entry in after}
    return [f"+{name}:{entry}" for entry in sorted(new - old)] + [f"-{name}:{entry}" for entry in sorted(old - new)]


def joined(parts: list[str]) -> str:
    return _BETWEEN.join(parts)


def in_words(change: str) -> list[str]:
    """Return sentences for the user whose permissions changed."""
    words = {
        "-is_active": gettext("Your account was turned off. You can’t sign in and your API keys don’t work."),
        "+is_active": gettext("Your account was turned on again. You can sign in as before."),
        "+is_staff": gettext("You can use the admin."),
        "-is_staff": gettext("You can no longer use the admin."),
        "+is_superuser": gettext("You have all permissions."),
        "-is_superuser": gettext("You no longer have all permissions."),
    }
    parts = change.split(_BETWEEN)
    sentences = [words[part] for part in parts if part in words]
    if any(":" in part for part in parts):
        sentences.append(gettext("Your permissions in the admin have changed."))
    return sentences
