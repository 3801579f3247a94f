from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# RFC 9116 recommends less than a year.
_VALID_FOR = timedelta(days=180)


@cache_control(public=True, max_age=86_400)
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116)."""
    contact = settings.SECURITY_CONTACT or f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
    lines = [
        f"Contact: {contact}",
        f"Expires: {(timezone.now() + _VALID_FOR).strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: en, es",
        f"Canonical: {settings.SITE_URL}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """For password managers (https://w3c.github.io/webappsec-change-password-url/)."""
    return redirect("account_change_password")
