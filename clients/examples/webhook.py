"""A receiver of webhooks that verifies their signatures, with Python's standard library.

IIB_WEBHOOK_SECRET=whsec_… python webhook.py 8080
"""

import base64
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

SECRET = os.environ["IIB_WEBHOOK_SECRET"]
OLDEST_SECONDS = 300


# Step: verify
def is_genuine(headers: dict[str, str], body: Any) -> bool:
    """Return whether the raw body was signed with our secret, not long ago (standardwebhooks.com)."""
    message_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > OLDEST_SECONDS:
        return False
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{message_id}.{sent_at}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
    # There are several signatures while the secret is being replaced. Compare them in constant time.
    return any(hmac.compare_digest(expected, each.encode()) for each in headers.get("webhook-signature", "").split())


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to genuine messages and 401 to others. A message may arrive twice, with the same webhook-id."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if is_genuine(self.headers, body):
            self.send_response(204)
            print(self.headers["webhook-id"], json.loads(body)["type"], flush=True)
        else:
            self.send_response(401)
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
