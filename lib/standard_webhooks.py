"""Signatures of the Standard Webhooks scheme, for which there are libraries in every language.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

_PREFIX = "whsec_"
#: A message that is older or newer may be a replay.
_TOLERANCE_SECONDS = 300


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(message_id: str, body: str, secret_texts: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the headers with a signature for each of the secrets; the receiver needs only one of them."""
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.{body}".encode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secret_texts),
    }


def is_genuine(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """Return whether the raw body was signed with the secret within the last minutes. `headers` ignore the case."""
    stamp, message_id = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now.timestamp() - int(stamp[:20])) > _TOLERANCE_SECONDS:
        return False
    wanted = _signature(secret, f"{message_id}.{stamp}.".encode() + body).encode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(wanted, each.encode()) for each in given)


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
