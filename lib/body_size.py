"""How large a request's body is, known before it is read."""

from django.http import HttpRequest


def body_bytes(request: HttpRequest) -> int:
    """Return the length that the request declares; Django reads no body without one."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
