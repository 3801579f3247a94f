"""A customer's own page."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest

_SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@login_required
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Show how someone signs in, and where each of the ways is changed."""
    user = request.user
    context = {
        "email_addresses": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        "has_password": user.has_usable_password(),
        "social_accounts": SocialAccount.objects.filter(user=user).order_by("provider"),
        "second_steps_count": Authenticator.objects.filter(user=user, type__in=_SECOND_STEPS).count(),
        "sessions_count": len(UserSession.objects.purge_and_list(user)),
    }
    return render(request, "accounts/account.html", context)
