"""Middleware for the REST API: HEAD, OPTIONS, size limits, and problem documents instead of error pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from batches.editing import inputs
from batches.references import photos
from imagesinbulk.api.errors import answer
from imagesinbulk.audience import is_for_programs
from lib.body_size import body_bytes
from rest.problems import Problem

#: 1,000 prompts of 8,000 characters.
MAX_LIST_BYTES = 8 * 2**20
MAX_BODY_BYTES = 100_000
#: By the last part of the path, with room for the form around the photos.
_LARGE_BODIES = {
    "batches": MAX_LIST_BYTES,
    "references": photos.MAX_BYTES + MAX_BODY_BYTES,
    "rest": photos.MAX_BYTES + MAX_BODY_BYTES,
    "edit": photos.MAX_BYTES + inputs.MAX_MASK_BYTES + MAX_BODY_BYTES,
}
_CODES = {400: "bad_request", 403: "scope_missing", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class ApiMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_for_programs(request):
            return self.get_response(request)
        # Django's flag to skip the CSRF check: the API accepts no cookies, and other sites' forms can't send a key.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        response = self._answer(request)
        for name, value in getattr(request, "answer_headers", {}).items():
            response.headers[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            # Django would treat the body as empty, and the error would be misleading.
            return answer(request, Problem("bad_request", "Send the body with a Content-Length, not in chunks."))
        limit = _LARGE_BODIES.get(request.path_info.rpartition("/")[2], MAX_BODY_BYTES)
        if body_bytes(request) > limit:
            return answer(request, Problem("body_too_large", f"Up to {limit} bytes are read here."))
        if request.method != "HEAD":
            return _with_problem(request, self.get_response(request))
        # Answered like GET; the web server omits the body. Range is defined for GET only.
        request.method = "GET"
        request.META.pop("HTTP_RANGE", None)
        response = _with_problem(request, self.get_response(request))
        request.method = "HEAD"
        if isinstance(response, StreamingHttpResponse):
            # Do not make a ZIP file that is not sent.
            response.streaming_content = []
        return response


def _with_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Replace an error page, which is for people, by a problem document."""
    if response.status_code == 405:
        return _not_allowed(request, response)
    is_page = response.headers.get("Content-Type", "").startswith("text/")
    if response.status_code < 400 or not is_page:
        return response
    code = _CODES.get(response.status_code, "server_error" if response.status_code >= 500 else "bad_request")
    return answer(request, Problem(code, status=response.status_code))


def _not_allowed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    methods = {method.strip() for method in response.headers["Allow"].split(",")} | {"OPTIONS"}
    if "GET" in methods:
        methods.add("HEAD")
    allow = {"Allow": ", ".join(sorted(methods))}
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=allow)
    return answer(request, Problem("method_not_allowed", headers=allow))
