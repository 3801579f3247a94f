"""Refuses forms that are too large or too frequent before they are read."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.deprecation import MiddlewareMixin

from accounts.models import User
from accounts.requests import LargeForm
from imagesinbulk.audience import is_for_programs
from lib.body_size import body_bytes

#: Enough for editing a prompt: 32,000 characters in the longest encoding of forms.
DEFAULT_BYTES = 1_000_000


class SizeMiddleware(MiddlewareMixin):
    """Comes before the CSRF check, which reads the form. Django's own error does not say what the limit is."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        form: LargeForm | None = getattr(view, "large_form", None)
        if form is not None and request.method == "POST":
            return _refusal(request, form)
        if body_bytes(request) > DEFAULT_BYTES and not is_for_programs(request):
            return _too_large(DEFAULT_BYTES)
        return None


def _refusal(request: HttpRequest, form: LargeForm) -> HttpResponseBase | None:
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    limit, byte_count = form.max_bytes(request.user), body_bytes(request)
    if byte_count > limit:
        return _too_large(limit)
    standing = form.count(request.user, byte_count)
    if standing.is_allowed:
        return None
    seconds = standing.reset_seconds
    headers = {"Retry-After": str(seconds)}
    return TemplateResponse(request, "429.html", {"seconds": seconds}, status=429, headers=headers)


def _too_large(limit: int) -> HttpResponse:
    return HttpResponse(render_to_string("413.html", {"megabytes": limit // 1_000_000}), status=413)
