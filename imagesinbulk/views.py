"""The pages that belong to no app: home and prices."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from batches.models import Batch

_RECENT = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the site does; to a customer, the last batches and what is left."""
    recent = Batch.objects.owned_by(request.user)[:_RECENT] if request.user.is_authenticated else []
    return render(request, "home.html", {"recent_batches": recent})


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Show what images cost."""
    return render(request, "pricing.html")
