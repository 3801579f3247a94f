from typing import Any

from batches.api.examples import ID
from batches.choices import BatchStatus, Kind, WebhookEvent

Json = dict[str, Any]

#: Sent to endpoints of the account; those about a batch also to its `webhook_url`.
DESCRIPTIONS = {
    WebhookEvent.FINISHED: "A batch has ended: its status is `finished` or `cancelled`.",
    WebhookEvent.WAITING: (
        "A batch is on hold: it reached the daily limit or the image service has a problem. It continues automatically."
    ),
    WebhookEvent.IMAGE_READY: "An image is ready: you can download it. Only for endpoints that choose this event.",
}
_STATUS = {WebhookEvent.FINISHED: "finished", WebhookEvent.WAITING: "waiting", WebhookEvent.IMAGE_READY: "running"}
_HEADERS = {
    "webhook-id": "The id of the message. It stays the same when we retry, so you can ignore duplicates.",
    "webhook-timestamp": "Unix time in seconds. Reject messages that are older than five minutes.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` with your secret. See standardwebhooks.com.",
}
_INTEGER = {"type": "integer"}


def webhooks() -> Json:
    return {event.value: {"post": _operation(event)} for event in DESCRIPTIONS}


def _operation(event: WebhookEvent) -> Json:
    return {
        "operationId": event.value.replace(".", "_"),
        "summary": DESCRIPTIONS[event].partition(".")[0].partition(":")[0],
        "description": DESCRIPTIONS[event],
        "parameters": [
            {"in": "header", "name": name, "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _schema(event), "example": _example(event)}},
        },
        "responses": {
            "2XX": {
                "description": "Accepted. After any other response, or none within 15 seconds, we retry for a day."
            },
            "410": {"description": "Turns the endpoint off: we send no more messages."},
        },
        "security": [],
    }


def _schema(event: WebhookEvent) -> Json:
    data = {
        "id": {"type": "string", "format": "uuid"},
        "status": {"type": "string", "enum": list(BatchStatus.values)},
        **dict.fromkeys(("total", "ready", "failed", "waiting"), _INTEGER),
        "url": {"type": "string", "description": "The batch's page on the site."},
    }
    if event != WebhookEvent.IMAGE_READY:
        data["references_deleted"] = {
            "type": "integer",
            "description": "Number of its reference photos that are no longer on the server: all, after the end.",
        }
    else:
        image = {
            "position": _INTEGER,
            "name": {"type": "string"},
            "kind": {"type": "string", "enum": Kind.values},
            "origin": {"type": ["integer", "null"], "description": "The position of which this is a version."},
            "version": _INTEGER,
            "is_edit": {"type": "boolean"},
            "references": {"type": "integer", "description": "Number of reference photos that it was created from."},
        }
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
    if event != WebhookEvent.IMAGE_READY:
        data["references_deleted"] = 0
    else:
        image = {"position": 40, "name": "lighthouse.png", "kind": "image", "origin": None, "version": 1}
        data["image"] = image | {"is_edit": False, "references": 0}
    return {"type": event.value, "timestamp": "2026-11-21T12:00:00.000+00:00", "data": data}
