"""Emails about webhooks. They are sent when the caller's transaction commits."""

from django.conf import settings
from django.urls import reverse

from batches.models import WebhookEndpoint
from billing.payments import emails


def webhook_disabled(endpoint: WebhookEndpoint) -> None:
    endpoint_url = settings.SITE_URL + reverse("webhooks:endpoint", args=[endpoint.pk])
    emails.send(endpoint.user, "batches/email/webhook_disabled", endpoint=endpoint, endpoint_url=endpoint_url)
