import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from batches.webhooks.schemas import ABOUT_BATCHES

Json = dict[str, Any]

_HEADERS = {
    "webhook-id": "The id of the message. It stays the same when we retry, so you can ignore duplicates.",
    "webhook-timestamp": "Unix time in seconds. Reject messages that are older than five minutes.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` with your secret. See standardwebhooks.com.",
}
_REFERENCE = "#/components/schemas/{model}"


def webhooks() -> Json:
    return {event.value: {"post": _operation(event.value, message)} for event, message in ABOUT_BATCHES.items()}


def webhook_schemas() -> Json:
    _, found = models_json_schema(
        [(message, "serialization") for message in ABOUT_BATCHES.values()], ref_template=_REFERENCE
    )
    return dict(found["$defs"])


def _operation(event: str, message: type[BaseModel]) -> Json:
    description = inspect.getdoc(message) or ""
    return {
        "operationId": event.replace(".", "_"),
        "summary": description.partition(".")[0].partition(":")[0],
        "description": description,
        "parameters": [
            {"in": "header", "name": name, "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model=message.__name__)}}},
        },
        "responses": {
            "2XX": {
                "description": "Accepted. After any other response, or none within 15 seconds, we retry for a day."
            },
            "410": {"description": "Turns the endpoint off: we send no more messages."},
        },
        "security": [],
    }
