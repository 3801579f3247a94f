"""Forged deliveries, for tests of the receiver: a wrong secret, an old signature, another mode."""

import json
import time
from typing import Any

from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj

from .deliveries import post, signature


def sent(given: dict[str, Any]) -> list[Obj]:
    """Send a forged event to all endpoints. Returns their answers."""
    with STRIPE.store.lock:
        event = _event(given)
        targets = [
            (each["url"], STRIPE.webhook_endpoints.secret_of(each["id"])) for each in STRIPE.webhook_endpoints.all()
        ]
    body = json.dumps(event).encode()
    signed_at = int(time.time()) - (given["age_seconds"] or 0)
    answers = []
    for url, secret in targets:
        header = given["signature"] or signature(body, given["secret"] or secret, signed_at)
        headers = {} if header == "none" else {"Stripe-Signature": header}
        status, error = post(url, body, headers)
        answers.append({"url": url, "status": status, "error": error, "event": event["id"]})
    return answers


def _event(given: dict[str, Any]) -> Obj:
    """A forged event, which the API does not know."""
    event = STRIPE.events.make(given["type"], {"object": given["object"]}, livemode=given["livemode"])
    STRIPE.store.remove(event)
    if given["event"]:
        event["id"] = given["event"]
    if given["padding_bytes"]:
        event["padding"] = "x" * given["padding_bytes"]
    return event
