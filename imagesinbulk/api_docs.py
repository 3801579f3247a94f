"""The API's documentation as a page of the site, made from its description."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation with its parameters, examples and errors."""
    return render(request, "api/docs.html", {})
