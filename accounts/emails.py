"""Emails that the apps send from templates, in addition to allauth's own."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User


def send(user: User, template: str, **context: Any) -> None:
    """Render `template` + `_subject.txt` and `_message.txt` in the user's language, and mail it.

    Deleted accounts get none. Sent after the caller's transaction. Robust: a mail server that is down must not undo
    what the mail reports.
    """
    if not user.erased_at:
        transaction.on_commit(lambda: _send_now(user, template, context), robust=True)


def _send_now(user: User, template: str, context: dict[str, Any]) -> None:
    site = {"user": user, "site_url": settings.SITE_URL, "timestamp": timezone.now()}
    with translation.override(user.language):
        get_adapter().render_mail(template, user.email, {**site, **context}).send()
