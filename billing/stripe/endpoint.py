"""Stripe's webhook endpoint. Requests that dj-stripe would answer with a 500 are refused first."""

import json
import logging
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from djstripe.views import ProcessWebhookView

from billing.stripe import client
from billing.stripe.fields import is_event
from lib.body_size import body_bytes

logger = logging.getLogger(__name__)

#: Stripe's events have about 20 kB. Each body is stored, even a forged one.
LARGEST_BODY = 256_000


class WebhookView(ProcessWebhookView):
    """dj-stripe's view behind three checks: the size, the format and the mode of the event."""

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        """Return 413 for a body that is too large, and 400 for one that is no event or an event of the other mode.

        An event about an object that Stripe no longer has gets 200.
        """
        if body_bytes(request) > LARGEST_BODY:
            return HttpResponse(status=413)
        event = _event(request.body)
        # Stripe's library fails on signatures that are not ASCII.
        if event is None or not request.headers.get("stripe-signature", "").isascii():
            return HttpResponse(status=400)
        if event.get("livemode", settings.STRIPE_LIVE_MODE) is not settings.STRIPE_LIVE_MODE:
            # dj-stripe accepts both modes if the signature is right.
            logger.error("an event of Stripe's other mode was sent to %s", request.path)
            return HttpResponse(status=400)
        _set_sender(request)
        try:
            return super().post(request, uuid)
        except (client.StripeRefused, client.DjStripeRefused) as error:
            if error.code != client.MISSING:
                raise
            # Deleted test data, for example: sent again, the event would fail for days. Nothing was booked, and the
            # stored delivery has the error.
            logger.warning("%s %s is about an object that Stripe no longer has: %s", event["type"], event["id"], error)
            return HttpResponse()


def _event(body: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return event if is_event(event) else None


def _set_sender(request: HttpRequest) -> None:
    """Set the client's address where dj-stripe looks for it. It would trust any X-Forwarded-For."""
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:
        address = "0.0.0.0"  # noqa: S104  (unknown: a Unix socket has no address)  # nosec B104
    request.META.pop("HTTP_X_FORWARDED_FOR", None)
    request.__dict__.pop("headers", None)  # Django caches them
    request.META["REMOTE_ADDR"] = address
