"""Mails about batches. They go out after the caller's transaction."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from batches.models import WebhookEndpoint
from billing import customers


def webhook_disabled(endpoint: WebhookEndpoint) -> None:
    """Tell that an endpoint gets no messages any more, and why."""
    # Robust: a mail server that is away must not undo it.
    transaction.on_commit(lambda: _send(endpoint), robust=True)


def _send(endpoint: WebhookEndpoint) -> None:
    context = {
        "endpoint": endpoint,
        "site_url": settings.SITE_URL,
        "endpoint_url": settings.SITE_URL + reverse("webhooks:endpoint", args=[endpoint.pk]),
    }
    with translation.override(customers.language_of(endpoint.user)):
        subject = render_to_string("batches/email/webhook_disabled_subject.txt", context).strip()
        text = render_to_string("batches/email/webhook_disabled_message.txt", context)
    send_mail(subject, text, None, [endpoint.user.email])
