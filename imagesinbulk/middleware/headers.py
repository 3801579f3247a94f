"""Headers of every response: permissions of pages, who may load it, and whether it may be stored."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from imagesinbulk.audience import is_for_programs
from imagesinbulk.config.security_headers import PERMISSIONS_POLICY

_PRIVATE = ("/accounts/", "/account/", "/admin/", "/batches/")


class HeadersMiddleware:
    """Comes first, so that static files, redirects and errors have the headers, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers that the view has not set.

        Only images and the API's batches have `private, no-cache` instead of `no-store`: clients may store them to get
        a 304, but must revalidate them each time, which needs the session or the key.
        """
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if _is_private(request):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _is_private(request: HttpRequest) -> bool:
    # Checks the cookie instead of the user, so that static files don't need the session.
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session or request.path_info.startswith(_PRIVATE) or is_for_programs(request)
