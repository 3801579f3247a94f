"""Emails about payments, sent after the caller's transaction so that none reports what was rolled back."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise, lazy

from accounts.models import User
from billing import plans
from billing.models import DelayedPayment, SentEmail
from billing.payments import customers
from billing.payments.amounts import written

#: A plan's name, translated when the email is written.
Name = str | Promise
# Lazy, so that numbers are formatted in the email's language.
_amount = lazy(written, str)
_in_words = lazy(plans.in_words, str)


def receipt(user: User, credits: int, *, paid: int, currency: str, expires_at: datetime | None = None) -> None:
    amount = _amount(paid, currency) if paid else ""
    send(user, "billing/email/receipt", credits=credits, amount=amount, expires_at=expires_at)


def payment_failed(
    user: User,
    plan: Name,
    *,
    next_attempt_at: datetime | None,
    plan_until: datetime | None,
    pay_url: str,
    needs_confirmation: bool = False,
    once: str = "",
) -> None:
    """`next_attempt_at` is None if Stripe does not try again."""
    template = "billing/email/payment_to_confirm" if needs_confirmation else "billing/email/payment_failed"
    times = {"next_attempt_at": next_attempt_at, "plan_until": plan_until}
    send(user, template, once=once, plan=plan, pay_url=pay_url, **times)


def debit_failed(user: User, payment: DelayedPayment, *, pay_url: str) -> None:
    terms = {"amount": _amount(payment.amount, payment.currency), "bought": _in_words(payment.product_key)}
    send(user, "billing/email/debit_failed", pay_url=pay_url, **terms)


def refunded(user: User, refund_id: str, amount: int, currency: str, credits: int) -> None:
    terms = {"amount": _amount(amount, currency), "credits": credits}
    send(user, "billing/email/refunded", once=f"refund:{refund_id}", **terms)


def dispute_moved(user: User, dispute_id: str, status: str, amount: int, currency: str, credits: int) -> None:
    """`status` is "open", "won" (by us) or "lost"."""
    terms = {"amount": _amount(amount, currency), "credits": credits}
    send(user, f"billing/email/dispute_{status}", once=f"dispute:{dispute_id}:{status}", **terms)


def renewal(user: User, plan: Name, renews_at: datetime, amount: int, currency: str) -> None:
    send(user, "billing/email/renewal", plan=plan, renews_at=renews_at, amount=_amount(amount, currency))


def card_expiring(user: User, plan: Name, renews_at: datetime, last_digits: str) -> None:
    send(user, "billing/email/card_expiring", plan=plan, renews_at=renews_at, last_digits=last_digits)


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
