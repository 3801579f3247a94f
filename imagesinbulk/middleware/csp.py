"""The Content-Security-Policy of pages is django-csp's; that of data is always the same and not made each time."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware as PagesCSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_DATA = ("application/json", "application/problem+json")
# Data that somebody opens in a browser loads nothing and is shown in no frame.
_NOTHING = "default-src 'none'; frame-ancestors 'none'"


class CSPMiddleware(PagesCSPMiddleware):
    """Adds the header to every answer."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer with its policy; to make that of a page takes as long as a tenth of a poll."""
        # An answer without a type has no body: a 304 to a program, or a 204.
        if response.headers.get("Content-Type", _DATA[0]).startswith(_DATA):
            response.headers[HEADER] = _NOTHING
            return response
        return super().process_response(request, response)
