"""The Content-Security-Policy and the Permissions-Policy of all responses."""

from collections.abc import Sequence
from typing import Any

from csp.constants import NONCE, NONE, SELF

# Passkeys, the button "Copy" and the player of videos need those that are allowed.
_ALLOWED = "clipboard-write fullscreen publickey-credentials-create publickey-credentials-get".split()
_DENIED = (
    "accelerometer autoplay camera clipboard-read display-capture encrypted-media geolocation gyroscope hid "
    "idle-detection magnetometer microphone midi payment picture-in-picture screen-wake-lock serial usb "
    "xr-spatial-tracking"
).split()
PERMISSIONS_POLICY = ", ".join([*(f"{name}=(self)" for name in _ALLOWED), *(f"{name}=()" for name in _DENIED)])


def content_security_policy(*, form_targets: Sequence[str], is_public: bool) -> dict[str, Any]:
    """Return django-csp's setting; `form_targets` are the other sites to which our POSTs redirect."""
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
            "form-action": [SELF, *form_targets],
            "frame-ancestors": [NONE],
            "upgrade-insecure-requests": is_public,
        }
    }
