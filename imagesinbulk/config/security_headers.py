"""What browsers may do with our pages: the Content-Security-Policy and the Permissions-Policy of every answer."""

from collections.abc import Sequence
from typing import Any

from csp.constants import NONCE, NONE, SELF

# Passkeys and the button "Copy" need the three that are left to our own pages.
PERMISSIONS_POLICY = ", ".join(
    [
        "accelerometer=()",
        "autoplay=()",
        "camera=()",
        "clipboard-read=()",
        "clipboard-write=(self)",
        "display-capture=()",
        "encrypted-media=()",
        "fullscreen=()",
        "geolocation=()",
        "gyroscope=()",
        "hid=()",
        "idle-detection=()",
        "magnetometer=()",
        "microphone=()",
        "midi=()",
        "payment=()",
        "picture-in-picture=()",
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
        "screen-wake-lock=()",
        "serial=()",
        "usb=()",
        "xr-spatial-tracking=()",
    ]
)


def content_security_policy(*, forms_lead_to: Sequence[str], is_public: bool) -> dict[str, Any]:
    """Return django-csp's setting; `forms_lead_to` are the other sites that a POST of ours is redirected to."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF, NONCE],
            "style-src": [SELF],
            "img-src": [SELF, "blob:", "data:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "manifest-src": [SELF],
            "worker-src": [SELF],
            "object-src": [NONE],
            "base-uri": [NONE],
            "form-action": [SELF, *forms_lead_to],
            "frame-ancestors": [NONE],
            "upgrade-insecure-requests": is_public,
        }
    }
