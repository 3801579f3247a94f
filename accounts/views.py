from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import unsubscribing
from accounts.mfa import enrolment as enrolments
from accounts.reauthentication import SECOND_FACTORS
from accounts.requests import SignedInRequest, signed_in_post_required


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


@signed_in_post_required
def batch_mails(request: SignedInRequest) -> HttpResponse:
    unsubscribing.set_wanted(request.user, request.POST.get("wanted") == "1")
    return redirect("account")


@csrf_exempt  # Mail programs send no cookie; the link's signature takes its place.
@require_http_methods(["GET", "HEAD", "POST"])
def batch_mails_off(request: HttpRequest, token: str) -> HttpResponse:
    """Turn emails about batches off. Needs a POST, because mail scanners open every link."""
    user = unsubscribing.user_of(token)
    is_off = request.POST.get("List-Unsubscribe") == "One-Click"
    if user and is_off:
        unsubscribing.set_wanted(user, False)
    context = {"address": user.email if user else "", "is_off": is_off}
    return render(request, "accounts/batch_mails_off.html", context, status=200 if user else 404)
