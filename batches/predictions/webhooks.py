"""Webhooks from Replicate, each of which only makes a worker check its prediction sooner.

The state of the prediction is always read from Replicate, so a forged, late, lost or repeated webhook does no harm.
"""

import json
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from batches.choices import PromptStatus
from batches.clients import replicate
from batches.clients.openai_errors import UpstreamError
from batches.models import Prompt
from batches.runs import leases, wake
from lib.standard_webhooks import is_genuine
from lib.timed_cache import TimedCache

#: After the secret has changed, predictions are still checked without webhooks.
_secret = TimedCache(replicate.webhook_secret, seconds=600)


def webhook_url() -> str:
    """Return the URL for Replicate to call, empty if it can't reach this site."""
    if not settings.IS_PUBLIC and not settings.REPLICATE_SANDBOX:
        return ""
    return settings.SITE_URL + reverse("replicate_webhook")


def take(headers: Mapping[str, str], body: bytes) -> bool:
    """Let a worker check the prediction now; return False if no prompt waits for it."""
    try:
        prediction_id = str(json.loads(body)["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
    if not prediction_id.isascii():
        # It may be half a character, which no database takes.
        return False
    waiting = Prompt.objects.filter(job_id=prediction_id, status=PromptStatus.GENERATING)
    batch_id = waiting.values_list("batch_id", flat=True).first()
    # Checked last, because it may request the secret. Forged webhooks don't have the id of a prediction.
    if batch_id is None or not _is_genuine(headers, body):
        return False
    if leases.expire(batch_id):
        wake.from_web(batch_id)
    return True


def _is_genuine(headers: Mapping[str, str], body: bytes) -> bool:
    try:
        return is_genuine(headers, body, _secret(), timezone.now())
    except UpstreamError:
        return False
