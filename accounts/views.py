"""A customer's own page."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

_SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show how someone signs in, and where each of the ways is changed."""
    user = request.user
    context = {
        "email_addresses": user.emailaddress_set.order_by("-primary", "email"),
        "has_password": user.has_usable_password(),
        "social_accounts": user.socialaccount_set.order_by("provider"),
        "second_steps_count": Authenticator.objects.filter(user=user, type__in=_SECOND_STEPS).count(),
        "sessions_count": len(UserSession.objects.purge_and_list(user)),
    }
    return render(request, "accounts/account.html", context)
