"""Audit entries as sentences for the user."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditAction, AuditEntry
from accounts.sessions.browsers import browser_name

#: How a user signed in or tried to, and what a mailed code was for.
_NOTES: dict[str, str | Promise] = {
    "all": _("all browsers"),
    "code": _("emailed code"),
    "email": _("new email address"),
    "everywhere": _("all other browsers"),
    "fine": _("no problem found"),
    "google": "Google",
    "key": _("API key"),
    "microsoft": "Microsoft",
    "no_account": _("no account with this address"),
    "password": _("password"),
    "password_reset": _("new password"),
    "reauthentication": _("confirming it’s you"),
    "recovery_codes": _("recovery code"),
    "sign_in": _("signing in"),
    "signup": _("signing up"),
    "suspended": _("account suspended"),
    "totp": _("authenticator app"),
    "warned": _("you were warned"),
    "webauthn": _("passkey or security key"),
}
_ROLES: dict[str, str | Promise] = {
    "-is_staff": _("no longer an operator"),
    "+is_staff": _("operator"),
    "+is_superuser": _("superuser"),
}
#: Their notes are names or addresses, not codes to translate.
_FREE_TEXT_NOTES = {
    AuditAction.KEY_CREATED,
    AuditAction.KEY_RENAMED,
    AuditAction.KEY_REVOKED,
    AuditAction.EMAIL_CHANGED,
    AuditAction.SUSPENDED,
    AuditAction.PLAN_CHANGED,
}


def in_words(entry: AuditEntry) -> dict[str, Any]:
    """Return the entry as its user may see it: without an operator's browser and IP address."""
    by_operator = entry.actor_id not in (None, entry.user_id) or not entry.ip
    return {
        "at": entry.created_at,
        "what": entry.get_action_display(),
        "detail": note_in_words(entry),
        "browser": "" if by_operator else browser_name(entry.user_agent),
        "ip": "" if by_operator else entry.ip or "",
        "by_operator": by_operator,
        "is_refusal": entry.action in (AuditAction.SIGN_IN_FAILED, AuditAction.LOCKED_OUT, AuditAction.ADMIN_DENIED),
    }


def note_in_words(entry: AuditEntry) -> str:
    if entry.action in _FREE_TEXT_NOTES:
        return entry.note
    if entry.action == AuditAction.ROLE_CHANGED:
        return "; ".join(_role_in_words(part) for part in entry.note.split("; "))
    return codes_in_words(entry.note)


def codes_in_words(note: str) -> str:
    return ", ".join(str(_NOTES.get(part, part)) for part in note.split(", "))


def _role_in_words(part: str) -> str:
    """Return "+Support" for "+groups:Support", in the reader's language."""
    if part.startswith(("+groups:", "-groups:")):
        return part[0] + gettext(part[len("+groups:") :])
    return str(_ROLES.get(part, part))
