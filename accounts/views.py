"""A user's account page, and an operator's invitation to add a second factor."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.mfa import enrolment as enrolments
from accounts.reauthentication import SECOND_FACTORS
from accounts.requests import SignedInRequest


@login_required
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    user = request.user
    context = {
        "email_addresses": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        "has_password": user.has_usable_password(),
        "social_accounts": SocialAccount.objects.filter(user=user).order_by("provider"),
        "second_steps_count": Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).count(),
        "sessions_count": len(UserSession.objects.purge_and_list(user)),
    }
    return render(request, "accounts/account.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment(request: SignedInRequest, token: str) -> HttpResponse:
    """Let an invited operator add a second factor. Needs a POST, so that a mail scanner can't use up the link."""
    if request.method == "POST" and enrolments.accept(request, token):
        return redirect("mfa_index")
    is_valid = enrolments.is_invitation(request.user, token)
    return render(request, "accounts/enrolment.html", {"is_valid": is_valid}, status=200 if is_valid else 404)
