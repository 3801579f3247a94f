"""Where the request in progress comes from."""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import PermissionDenied

_USER_AGENT_LENGTH = 200


@dataclass(frozen=True)
class Origin:
    """An IP address and a browser; both are empty on the command line."""

    ip: str | None = None
    user_agent: str = ""

    @classmethod
    def of_request(cls) -> "Origin":
        """Return the origin of allauth's current request, so that verbs of models need no request."""
        request = context.request
        if request is None:
            return cls()
        return cls(_client_ip(request), request.META.get("HTTP_USER_AGENT", "")[:_USER_AGENT_LENGTH])


def _client_ip(request: object) -> str | None:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        # allauth cannot say; what is recorded must not depend on it.
        return None
