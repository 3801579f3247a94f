"""The IP address and the browser of the current request."""

from contextlib import suppress
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import PermissionDenied

_USER_AGENT_LENGTH = 200


@dataclass(frozen=True)
class Origin:
    """Both are empty on the command line."""

    ip: str | None = None
    user_agent: str = ""

    @classmethod
    def of_request(cls) -> "Origin":
        """Return the origin of allauth's current request, so that model methods don't need the request."""
        request = context.request
        if request is None:
            return cls()
        ip: str | None = None
        # If allauth cannot determine the address, record the action anyway.
        with suppress(PermissionDenied):
            ip = str(get_adapter().get_client_ip(request))
        return cls(ip, request.META.get("HTTP_USER_AGENT", "")[:_USER_AGENT_LENGTH])
