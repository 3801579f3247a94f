"""Emails that the apps send from templates, in addition to allauth's own."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User


def send(user: User, template: str, *, language: str = "", **context: Any) -> None:
    """Render `template` + `_subject.txt` and `_message.txt` in `language`, by default the active one, and mail it.

    Sent after the caller's transaction. Robust: a mail server that is down must not undo what the mail reports.
    """
    language = language or translation.get_language()
    transaction.on_commit(lambda: _send_now(user, template, language, context), robust=True)


def _send_now(user: User, template: str, language: str, context: dict[str, Any]) -> None:
    site = {"user": user, "site_url": settings.SITE_URL, "timestamp": timezone.now()}
    with translation.override(language):
        get_adapter().render_mail(template, user.email, {**site, **context}).send()
