"""The operators' site: the admin behind the customers' own door, second factor included."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from operations.trouble import troubles


class OperatorsSite(admin.AdminSite):
    """Django's admin, for operators who have passed the site's own sign-in."""

    site_header = _("Images in bulk: operators")
    site_title = _("Operators")
    index_title = _("Everything")
    # Lists are wide and tables few: the space is for the lists.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this is an operator, with a second factor where one is demanded."""
        return super().has_permission(request) and not _lacks_second_factor(request)

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send on an operator who is signed in; the decorator has sent everybody else to the site's door.

        Django's own login page knows neither codes nor second factors: it is never shown.
        """
        if _lacks_second_factor(request):
            messages.warning(request, gettext("Operators need a second factor: add one, then open the admin again."))
            return redirect("mfa_index")
        next_url = request.GET.get(REDIRECT_FIELD_NAME, "")
        safe = url_has_allowed_host_and_scheme(next_url, {request.get_host()}, request.is_secure())
        return redirect(next_url if safe else "admin:index")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the site's own page, which asks for the sign-in to be fresh and mails a notice."""
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the tables, and above them what needs an operator."""
        return super().index(request, {"troubles": troubles(), **(extra_context or {})})


def _lacks_second_factor(request: HttpRequest) -> bool:
    return settings.ADMIN_REQUIRES_MFA and not is_mfa_enabled(request.user)
