"""How people sign in, in the admin: allauth's tables without their secrets.

Its own admin pages would show and change the seeds of one-time codes, and offer tables that we do not
use: providers come from the settings, and their tokens are not stored.
"""

from typing import ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from lib.read_only_admin import ReadOnly

admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession])


class SignInAdmin(ReadOnly, admin.ModelAdmin):
    """One way to sign in of one user: an operator may look, and take it away."""

    list_select_related = ("user",)
    search_fields: ClassVar[tuple[str, ...]] = ("user__email", "user__name")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Allow it: a lost telephone or a stolen session is an operator's business."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Authenticator)
class AuthenticatorAdmin(SignInAdmin):
    """Second factors."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at", "last_used_at")
    fields = list_display


@admin.register(SocialAccount)
class SocialAccountAdmin(SignInAdmin):
    """Accounts with Google and Microsoft."""

    list_display = ("user", "provider", "uid", "last_login", "date_joined")
    list_filter = ("provider",)
    search_fields: ClassVar[tuple[str, ...]] = (*SignInAdmin.search_fields, "uid")
    fields = list_display


@admin.register(UserSession)
class UserSessionAdmin(SignInAdmin):
    """Browsers that are signed in."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    search_fields: ClassVar[tuple[str, ...]] = (*SignInAdmin.search_fields, "ip")
    fields = list_display

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        """End the session: without its row alone the browser would stay signed in."""
        obj.end()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        for session in queryset:
            session.end()
