"""The way back to the site, whose address the site itself has given."""

from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase


class SiteRedirect(HttpResponseRedirect):
    """A redirect to the site."""

    allowed_schemes = ["http", "https"]


def may_lead_to(url: str | None, response: HttpResponse, request: HttpRequest) -> HttpResponseBase:
    """Let the forms of a page end at another site: browsers hold redirects of forms to `form-action`."""
    parts = urlsplit(url or "")
    origin = f"{parts.scheme}://{parts.netloc}"
    return csp_update({"form-action": [origin]})(lambda _: response)(request) if parts.netloc else response
