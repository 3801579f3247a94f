"""Emails about payments, sent after the caller's transaction so that none reports what was rolled back."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from billing.models import SentEmail
from billing.payments import customers
from billing.payments.amounts import written_lazy


def receipt(user: User, credits: int, *, paid: int, currency: str, expires_at: datetime | None = None) -> None:
    amount = written_lazy(paid, currency) if paid else ""
    send(user, "billing/email/receipt", credits=credits, amount=amount, expires_at=expires_at)


def send(user: User, template: str, *, once: str = "", **context: Any) -> None:
    """Email the texts of `template`, with `_subject.txt` and `_message.txt` appended, in the user's language.

    `once` names the fact that the email is about, if several events report it: the email is sent for the first.
    Nothing is sent to an account that was deleted.
    """
    if user.erased_at:
        return
    if once and not SentEmail.objects.get_or_create(key=once, defaults={"user": user})[1]:
        return
    # Robust: an error of the mail server must not roll back the booking or make Stripe send its event again.
    transaction.on_commit(lambda: _send_now(user, template, context), robust=True)


def _send_now(user: User, template: str, context: dict[str, Any]) -> None:
    site = {"user": user, "site_url": settings.SITE_URL, "billing_url": settings.SITE_URL + reverse("billing:overview")}
    with translation.override(customers.language_of(user)):
        subject = render_to_string(f"{template}_subject.txt", {**site, **context}).strip()
        text = render_to_string(f"{template}_message.txt", {**site, **context})
    send_mail(subject, text, None, [user.email])
