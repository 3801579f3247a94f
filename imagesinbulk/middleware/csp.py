"""django-csp's policy for pages, and a constant one for data."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware as PagesCSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_DATA_TYPES = ("application/json", "application/problem+json")
# Data opened in a browser loads nothing and can't be framed.
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


class CSPMiddleware(PagesCSPMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy. For data it is not computed, which would take a tenth of the time of a poll."""
        # A response without a type has no body: a 304 or a 204.
        if response.headers.get("Content-Type", _DATA_TYPES[0]).startswith(_DATA_TYPES):
            response.headers[HEADER] = _DATA_POLICY
            return response
        return super().process_response(request, response)
