"""A user's recent activity, and the page that allauth's rate limits show."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.audit.sign_in import record
from accounts.audit.wording import in_words
from accounts.models import AuditAction, AuditEntry, User
from accounts.requests import SignedInRequest

_PAGE_SIZE = 25


@login_required
@require_safe
def activity(request: SignedInRequest) -> HttpResponse:
    page = Paginator(AuditEntry.objects.of(request.user), _PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "activities": map(in_words, page), "days": settings.AUDIT_TRAIL_DAYS}
    return render(request, "accounts/activity.html", context)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Record that a page was requested too often. `handler429` of the root URLconf."""
    user = request.user if isinstance(request.user, User) else None
    page = request.resolver_match.view_name if request.resolver_match else ""
    record(AuditAction.LOCKED_OUT, user, actor=user, note=page)
    return render(request, "429.html", status=429)
