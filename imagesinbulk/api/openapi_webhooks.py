"""The messages to customers' own servers, as the description of the API has them."""

from typing import Any

from batches.api.examples import ID
from batches.choices import BatchStatus, WebhookEvent

Json = dict[str, Any]

#: What each tells; sent to endpoints of the account, those of a batch also to its `webhook_url`.
TOLD = {
    WebhookEvent.FINISHED: "A batch has come to its end: its status is finished or cancelled.",
    WebhookEvent.WAITING: "A batch is on hold, because of the day's limit or trouble upstream; it goes on by itself.",
    WebhookEvent.IMAGE_READY: "An image can be fetched. Only for endpoints that ask for it.",
}
_STATUS = {WebhookEvent.FINISHED: "finished", WebhookEvent.WAITING: "waiting", WebhookEvent.IMAGE_READY: "running"}
_HEADERS = {
    "webhook-id": "The same at every attempt: a message may come twice.",
    "webhook-timestamp": "Seconds since 1970 (UTC). Do not believe what is older than five minutes.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` with your secret; see standardwebhooks.com.",
}
_INTEGER = {"type": "integer"}


def webhooks() -> Json:
    """Return the `webhooks` of the description, by event."""
    return {event.value: {"post": _operation(event)} for event in TOLD}


def _operation(event: WebhookEvent) -> Json:
    return {
        "operationId": event.value.replace(".", "_"),
        "summary": TOLD[event].partition(".")[0].partition(":")[0],
        "description": TOLD[event],
        "parameters": [
            {"in": "header", "name": name, "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _schema(event), "example": _example(event)}},
        },
        "responses": {
            "2XX": {"description": "Taken. Any other answer, or none within 15 seconds, is tried again for a day."},
            "410": {"description": "Never again: the endpoint is switched off."},
        },
        "security": [],
    }


def _schema(event: WebhookEvent) -> Json:
    data = {
        "id": {"type": "string", "format": "uuid"},
        "status": {"type": "string", "enum": list(BatchStatus.values)},
        **dict.fromkeys(("total", "ready", "failed", "waiting"), _INTEGER),
        "url": {"type": "string", "description": "The page of the batch."},
    }
    if event == WebhookEvent.IMAGE_READY:
        image = {"position": _INTEGER, "name": {"type": "string"}}
        data["image"] = {"type": "object", "required": list(image), "properties": image}
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": event.value},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object", "required": list(data), "properties": data},
        },
    }


def _example(event: WebhookEvent) -> Json:
    left = 0 if event == WebhookEvent.FINISHED else 10
    data: Json = {
        "id": ID,
        "status": _STATUS[event],
        "total": 50,
        "ready": 49 - left,
        "failed": 1,
        "waiting": left,
        "url": f"https://images.example.com/batches/{ID}/",
    }
    if event == WebhookEvent.IMAGE_READY:
        data["image"] = {"position": 40, "name": "lighthouse.png"}
    return {"type": event.value, "timestamp": "2026-11-21T12:00:00.000+00:00", "data": data}
