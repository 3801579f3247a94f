"""The admin site, which uses the site's own sign-in with its second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.audit.sign_in import record
from accounts.mfa import enrolment
from accounts.models import AuditAction, User
from accounts.reauthentication import has_second_factor, may_act_as_operator, second_factor_url
from operations.dashboard.views import dashboard
from operations.notices import notices_for


def refusals_recorded(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def recording(request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except (PermissionDenied, ImmediateHttpResponse):
            user = request.user
            page = request.GET.get(REDIRECT_FIELD_NAME, request.path)
            record(AuditAction.ADMIN_DENIED, user, actor=user, note=page)
            raise

    return recording


class OperatorsSite(admin.AdminSite):
    site_header = _("Images in bulk: operators")
    site_title = _("Operators")
    index_title = _("Today")
    # Lists need the whole width, and there are few tables.
    enable_nav_sidebar = False

    def has_permission(self, request: Any) -> bool:
        """Require an operator who presented a second factor in this session, where the settings demand it."""
        return super().has_permission(request) and may_act_as_operator(request)

    @method_decorator([refusals_recorded, secure_admin_login])
    def login(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Redirect an operator to what is missing; the decorator redirects everybody else to sign in.

        Django's own login page has neither codes nor second factors: it is never shown.
        """
        user = request.user
        assert isinstance(user, User)
        next_url = _next_url(request)
        if may_act_as_operator(request):
            return redirect(next_url)
        if has_second_factor(user):
            return redirect(second_factor_url(user, next_url))
        enrolment.require_invitation(request)
        return redirect("mfa_index")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the site's own page, which requires a recent sign-in and mails a notice."""
        return redirect("account_change_password")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the site's own page, which offers to delete what the browser stores."""
        return redirect("account_logout")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        user = request.user
        notices = list(notices_for(user)) if isinstance(user, User) else []
        return super().index(request, {"notices": notices, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("dashboard/", self.admin_view(dashboard), name="dashboard"), *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(refusals_recorded(view), cacheable)


def _next_url(request: HttpRequest) -> str:
    url = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if is_safe else reverse("admin:index")
