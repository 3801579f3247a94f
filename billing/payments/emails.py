"""Emails about plans and payments."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import emails
from accounts.models import User
from billing.models import SentEmail
from billing.payments.amounts import written_lazy


def receipt(user: User, credits: int, *, paid: int, currency: str, expires_at: datetime | None = None) -> None:
    amount = written_lazy(paid, currency) if paid else ""
    send(user, "billing/email/receipt", credits=credits, amount=amount, expires_at=expires_at)


def send(user: User, template: str, *, once: str = "", **context: Any) -> None:
    """Email the user, unless the account is deleted.

    `once` names the fact that the email is about, if several events report it: the email is sent for the first.
    """
    if user.erased_at:
        return
    if once and not SentEmail.objects.get_or_create(key=once, defaults={"user": user})[1]:
        return
    context["billing_url"] = settings.SITE_URL + reverse("billing:overview")
    emails.send(user, template, **context)
