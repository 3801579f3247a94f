"""Webhooks of ended predictions, signed by the scheme of Standard Webhooks and sent from a thread."""

import base64
import hmac
import json
import secrets
import threading
import time

import requests

from .predictions import Prediction

SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
TIMEOUT_SECONDS = 10
#: The real API sends some of them twice, so a receiver must be ready for it.
COPIES = 2


def send_at_the_end(prediction: Prediction) -> None:
    """Send the prediction when it has ended by itself."""
    if prediction.webhook:
        timer = threading.Timer(prediction.seconds, send, [prediction])
        timer.daemon = True
        timer.start()


def send(prediction: Prediction) -> None:
    """Send the prediction as it is now, without checking that it has arrived."""
    body = json.dumps(prediction.as_json()).encode()
    message_id = f"msg_{secrets.token_hex(12)}"
    for _ in range(COPIES):
        headers = {"Content-Type": "application/json", **signed(message_id, body, int(time.time()))}
        try:
            requests.post(
                prediction.webhook, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException:
            return


def signed(message_id: str, body: bytes, timestamp: int, secret: str = SECRET) -> dict[str, str]:
    """The three headers of a signed message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
