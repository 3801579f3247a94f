"""The page that a rate limit of allauth shows."""

from allauth.core.internal.ratelimit import handler429
from django.http import HttpRequest, HttpResponse

from accounts.audit.sign_in import record
from accounts.models import AuditAction, User


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Record the page that was asked for too often, and refuse it. `handler429` of the root URLconf."""
    user = request.user if isinstance(request.user, User) else None
    page = request.resolver_match.view_name if request.resolver_match else ""
    record(AuditAction.LOCKED_OUT, user, actor=user, note=page)
    return handler429(request)
