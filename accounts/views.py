"""A customer's own page, and the question whether it is really them."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.models import EmailAddress
from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views._reauthenticate import BaseReauthenticateView
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.reauthentication import MailedCode, mailable_address
from accounts.requests import SignedInRequest, signed_in_post_required

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


@method_decorator(login_required, name="dispatch")
class ReauthenticateByCodeView(BaseReauthenticateView):
    """Ask for the mailed code; allauth's base class knows what the user was about to do."""

    reauthentication_method = "code"
    form_class = ConfirmLoginCodeForm
    template_name = "account/reauthenticate_by_code.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the code that is waited for, if any."""
        super().setup(request, *args, **kwargs)
        self.mailed = MailedCode.pending(request)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the code that was mailed."""
        return {**super().get_form_kwargs(), "code": self.mailed.code if self.mailed else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the code goes, and whether one is waited for."""
        address = mailable_address(self.request.user)
        return super().get_context_data(**kwargs, email=address, is_mailed=self.mailed is not None)

    def form_valid(self, form: ConfirmLoginCodeForm) -> HttpResponse:
        """Go on with what the user was about to do."""
        assert self.mailed is not None  # no code is right where none was mailed
        self.mailed.finish()
        return super().form_valid(form)

    def form_invalid(self, form: ConfirmLoginCodeForm) -> HttpResponse:
        """Count the try; after the last one a new code is needed."""
        if self.mailed and not self.mailed.record_invalid_attempt():
            messages.error(self.request, _("That was one wrong code too many. Ask for a new one."))
            self.mailed = None
        return super().form_invalid(form)


reauthenticate_by_code = ReauthenticateByCodeView.as_view()


@signed_in_post_required
def send_reauthentication_code(request: SignedInRequest) -> HttpResponse:
    """Mail a code, then ask for it; who has a better way is asked for that instead."""
    if address := mailable_address(request.user):
        if limited := ratelimit.consume_or_429(request, action="request_login_code", key=address):
            return limited
        MailedCode.start(request, address)
    url = passthrough_next_redirect_url(request, reverse("account_reauthenticate_by_code"), "next")
    return HttpResponseRedirect(url)
