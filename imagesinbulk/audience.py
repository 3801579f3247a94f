"""Whether people or programs ask."""

from django.http import HttpRequest

#: Below /api/ as well, but for people.
_PAGES = ("/api/v1/docs", "/api/v1/examples")


def is_for_programs(request: HttpRequest) -> bool:
    """Return whether the address is one of the REST API's."""
    return request.path_info.startswith("/api/") and not request.path_info.startswith(_PAGES)
