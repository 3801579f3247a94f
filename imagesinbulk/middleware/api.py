"""What is the same for every address below /api/: HEAD and OPTIONS, problems instead of error pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from imagesinbulk.api.errors import answer
from imagesinbulk.audience import is_for_programs
from lib.body_size import body_bytes
from rest.problems import Problem

#: A list of 1,000 prompts of 8,000 characters. Larger bodies are not read, nor those of other operations above theirs.
MAX_LIST_BYTES = 8 * 2**20
MAX_BODY_BYTES = 100_000
_LISTS = "/api/v1/batches"
_CODES = {400: "bad_request", 403: "scope_missing", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class ApiMiddleware:
    """Answer programs as programs expect it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer programs so, and people as always."""
        if not is_for_programs(request):
            return self.get_response(request)
        # Django's mark: a key opens the API, which no other site's form can send; and no cookie does.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        response = self._answer(request)
        for name, value in getattr(request, "answer_headers", {}).items():
            response.headers[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and "HTTP_TRANSFER_ENCODING" in request.META:
            # Django would take the body for empty, and the program would search for its fault elsewhere.
            return answer(request, Problem("bad_request", "Send the body with a Content-Length, not in chunks."))
        limit = MAX_LIST_BYTES if request.path_info == _LISTS else MAX_BODY_BYTES
        if body_bytes(request) > limit:
            return answer(request, Problem("body_too_large", f"Up to {limit} bytes are read here."))
        if request.method != "HEAD":
            return _with_problem(request, self.get_response(request))
        # Answered as GET, of which the web server leaves the body out. A part of an image is for GET alone.
        request.method = "GET"
        request.META.pop("HTTP_RANGE", None)
        response = _with_problem(request, self.get_response(request))
        request.method = "HEAD"
        if isinstance(response, StreamingHttpResponse):
            # A ZIP would be made for nobody.
            response.streaming_content = []
        return response


def _with_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the response; an error page, which is for people, becomes a problem document."""
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
