"""Distinguishes the URLs of the REST API from pages."""

from django.http import HttpRequest

#: Below /api/ as well, but for people.
_PAGES = ("/api/v1/docs", "/api/v1/examples")


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/") and not request.path_info.startswith(_PAGES)
