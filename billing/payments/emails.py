"""Emails about payments, sent after the caller's transaction so that none reports what was rolled back."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from billing.payments import customers
from billing.payments.amounts import written


def receipt(user: User, credits: int, *, paid: int, currency: str, expires_at: datetime | None = None) -> None:
    # The template calls it, so that the number is formatted in the email's language.
    amount = partial(written, paid, currency) if paid else ""
    send(user, "billing/email/receipt", credits=credits, amount=amount, expires_at=expires_at)


def payment_failed(
    user: User, plan_name: str, *, next_attempt_at: datetime | None, plan_until: datetime | None, pay_url: str
) -> None:
    """`next_attempt_at` is None if Stripe does not try again."""
    times = {"next_attempt_at": next_attempt_at, "plan_until": plan_until}
    send(user, "billing/email/payment_failed", plan=plan_name, pay_url=pay_url, **times)


def subscription_ending(user: User, plan_name: str, ends_at: datetime) -> None:
    send(user, "billing/email/subscription_ending", plan=plan_name, ends_at=ends_at)


def subscription_ended(user: User, plan_name: str) -> None:
    send(user, "billing/email/subscription_ended", plan=plan_name)


def send(user: User, template: str, **context: Any) -> None:
    """Email the texts of `template`, with `_subject.txt` and `_message.txt` appended, in the user's language."""
    # Robust: an error of the mail server must not roll back the booking or make Stripe send its event again.
    transaction.on_commit(partial(_send_now, user, template, context), robust=True)


def _send_now(user: User, template: str, context: dict[str, Any]) -> None:
    site = {"user": user, "site_url": settings.SITE_URL, "billing_url": settings.SITE_URL + reverse("billing:overview")}
    with translation.override(customers.language_of(user)):
        subject = render_to_string(f"{template}_subject.txt", {**site, **context}).strip()
        text = render_to_string(f"{template}_message.txt", {**site, **context})
    send_mail(subject, text, None, [user.email])
