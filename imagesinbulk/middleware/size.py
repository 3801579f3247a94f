"""What is too large is not read, and people are told so in a sentence, whatever `DEBUG` is."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from imagesinbulk.audience import is_for_programs
from lib.body_size import body_bytes


class SizeMiddleware:
    """Refuses a form before the check of its CSRF token reads it; Django's own refusal does not name the limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 413 to more than `DATA_UPLOAD_MAX_MEMORY_SIZE`; programs have a limit of their own."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if body_bytes(request) <= limit or is_for_programs(request):
            return self.get_response(request)
        return HttpResponse(render_to_string("413.html", {"megabytes": limit // 1_000_000}), status=413)
