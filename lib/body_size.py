from django.http import HttpRequest


def body_bytes(request: HttpRequest) -> int:
    """Return the declared length; without one Django reads no body."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
