"""What a browser sends for a passkey, as far as it can be read; no key has signed it."""

import base64
import json
from typing import Any


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def credential(kind: str = "webauthn.get", authenticator_data: bytes = bytes(37), **changes: Any) -> str:
    seen = json.dumps({"type": kind, "challenge": "AA", "origin": "http://testserver"}).encode()
    response = {
        "clientDataJSON": encoded(seen),
        "authenticatorData": encoded(authenticator_data),
        "attestationObject": encoded(authenticator_data),
        "signature": "AA",
    }
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response, **changes})
