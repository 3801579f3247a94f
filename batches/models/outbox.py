"""The outbox: webhook messages, written in the transaction of the event that they report.

So a message is lost only together with its event. `batches.webhooks.sender` sends it until it is accepted.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from batches.choices import BatchStatus, Format, WebhookEvent
from batches.models.webhook import WebhookDelivery, WebhookEndpoint
from batches.webhooks.schemas import MESSAGES

if TYPE_CHECKING:
    from batches.models.batch import Batch
    from batches.models.prompt import Prompt

#: Events of a batch's new states. `batches.lifecycle.cancel` announces its own, after it has counted the prompts.
EVENT_OF = {BatchStatus.FINISHED: WebhookEvent.FINISHED, BatchStatus.ON_HOLD: WebhookEvent.WAITING}


def announce(batch: "Batch", event: WebhookEvent) -> None:
    """Write a message about the batch for its own webhook URL and the customer's endpoints."""
    gone = batch.reference_links.filter(reference=None).values("photo_number").distinct().count()
    facts = batch_facts(batch) | {"references_deleted": gone}
    _write(batch, event, facts, [batch.webhook_url] if batch.webhook_url else [])


def announce_image(batch: "Batch", prompt: "Prompt") -> None:
    """Write a message about a ready image for the endpoints that subscribe to it."""
    image = {
        "position": prompt.position,
        "name": prompt.file_name,
        "kind": Format(prompt.format).kind,
        "origin": prompt.origin.position if prompt.origin else None,
        "version": prompt.version,
        "is_edit": prompt.is_edit,
        "references": prompt.reference_count,
    }
    _write(batch, WebhookEvent.IMAGE_READY, batch_facts(batch) | {"image": image})


def batch_facts(batch: "Batch") -> dict[str, Any]:
    """Return the data of a batch that every message has. The API has the rest."""
    return {
        "id": batch.pk,
        "status": batch.status,
        "total": batch.total,
        "ready": batch.ready_count,
        "failed": batch.failed_count,
        "waiting": batch.open_count,
        "url": settings.SITE_URL + batch.get_absolute_url(),
    }


def body_of(event: WebhookEvent, facts: dict[str, Any]) -> str:
    """Return the body of a message. Every attempt signs and sends the same body."""
    timestamp = timezone.now().isoformat(timespec="milliseconds")
    message = MESSAGES[event](type=event, timestamp=timestamp, data=facts)
    return json.dumps(message.model_dump(mode="json"))


def _write(batch: "Batch", event: WebhookEvent, facts: dict[str, Any], own_urls: Iterable[str] = ()) -> None:
    body = body_of(event, facts)
    endpoints = WebhookEndpoint.objects.filter(user=batch.user_id).listening(event).values_list("pk", "url")
    targets = [*endpoints, *((None, url) for url in own_urls)]
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(user_id=batch.user_id, endpoint_id=pk, url=url, event=event, body=body) for pk, url in targets
    )
