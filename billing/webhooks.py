"""The door for Stripe's events: what would hurt dj-stripe behind it is turned away or mended."""

import ipaddress
import json
import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from djstripe.views import ProcessWebhookView

logger = logging.getLogger(__name__)

#: Stripe's own events have some 20 kB. Each body is kept, also that of a forged one.
LARGEST_BODY = 256_000


class WebhookView(ProcessWebhookView):
    """dj-stripe's view behind three checks: the size, the mode and the address of the sender."""

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        """Answer 413 to a body that is too large and 400 to an event of the other mode."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return HttpResponse(status=413)
        if _is_of_other_mode(request.body):
            logger.error("an event of Stripe's other mode came to %s", request.path)
            return HttpResponse(status=400)
        _mend_sender(request)
        return super().post(request, uuid)


def _is_of_other_mode(body: bytes) -> bool:
    # dj-stripe takes what is signed with the right secret, test or live.
    try:
        event: Any = json.loads(body)
    except ValueError:
        return False
    return isinstance(event, dict) and event.get("livemode", settings.STRIPE_LIVE_MODE) is not settings.STRIPE_LIVE_MODE


def _mend_sender(request: HttpRequest) -> None:
    """Leave one valid address where dj-stripe looks for the sender's.

    Anybody can write X-Forwarded-For; MariaDB refuses more than 39 characters, which would be a 500.
    """
    last = _address(request.META.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip())
    request.__dict__.pop("headers", None)  # Django keeps them once they were read
    # The last one is written by our own proxy.
    known = (settings.IS_PUBLIC and last) or _address(request.META.get("REMOTE_ADDR", ""))
    request.META["REMOTE_ADDR"] = known or "0.0.0.0"  # noqa: S104  (unknown: a socket file has no address)


def _address(text: str) -> str:
    """Return an address as short as it can be written (one of IPv6 can have 45 characters), empty if it is none."""
    try:
        return "" if "%" in text else str(ipaddress.ip_address(text))
    except ValueError:
        return ""
