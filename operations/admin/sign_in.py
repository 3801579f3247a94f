"""How users sign in, in the admin: allauth's tables without their secrets.

allauth's own admin would show and change the secrets of authenticator apps, and list tables that we don't use:
providers are configured in the settings, and their tokens are not stored.
"""

from itertools import groupby
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts import emails
from accounts.audit.wording import codes_in_words
from accounts.models import AuditAction, AuditEntry
from accounts.sessions.browsers import browser_name
from lib.read_only_admin import ReadOnly, translate

admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession])
translate(
    Authenticator,
    _("two-factor method"),
    _("two-factor methods"),
    user=_("user"),
    type=_("kind"),
    created_at=_("created"),
    last_used_at=_("last used"),
)
translate(
    UserSession,
    _("session"),
    _("sessions"),
    user=_("user"),
    created_at=_("started"),
    last_seen_at=_("last seen"),
    ip=_("IP address"),
    user_agent=_("browser"),
)
SocialAccount._meta.get_field("user").verbose_name = _("user")


class SignInAdmin(ReadOnly, admin.ModelAdmin):
    """A way to sign in, which an operator may remove; the user is mailed."""

    removed_action: ClassVar[AuditAction]
    list_select_related = ("user",)
    search_fields: ClassVar[tuple[str, ...]] = ("user__email", "user__name")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it, for lost phones and stolen sessions; those of operators only to owners."""
        may = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return may and (obj is None or obj.user.may_be_changed_by(request.user))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._remove(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._remove(request, list(queryset.select_related("user").order_by("user", "pk")))

    def note(self, obj: Any) -> str:
        """Return what the audit trail says is removed."""
        raise NotImplementedError

    def end(self, obj: Any) -> None:
        obj.delete()

    @transaction.atomic
    def _remove(self, request: Any, removed: list[Any]) -> None:
        for user, theirs in groupby(removed, key=lambda obj: obj.user):
            names = []
            for obj in theirs:
                note = self.note(obj)
                self.end(obj)
                AuditEntry.objects.record(self.removed_action, user, actor=request.user, note=note)
                names.append(lazy(codes_in_words, str)(note))
            emails.send(user, "operations/email/sign_in_removed", names=names)


@admin.register(Authenticator)
class AuthenticatorAdmin(SignInAdmin):
    removed_action = AuditAction.FACTOR_REMOVED
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at", "last_used_at")
    fields = list_display

    def note(self, obj: Authenticator) -> str:
        return str(obj.type)


@admin.register(SocialAccount)
class SocialAccountAdmin(SignInAdmin):
    removed_action = AuditAction.SOCIAL_REMOVED
    list_display = ("user", "provider", "uid", "last_login", "date_joined")
    list_filter = ("provider",)
    search_fields: ClassVar[tuple[str, ...]] = (*SignInAdmin.search_fields, "uid")
    fields = list_display

    def note(self, obj: SocialAccount) -> str:
        return str(obj.provider)


@admin.register(UserSession)
class UserSessionAdmin(SignInAdmin):
    removed_action = AuditAction.SESSION_ENDED
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    search_fields: ClassVar[tuple[str, ...]] = (*SignInAdmin.search_fields, "ip")
    fields = list_display

    def note(self, obj: UserSession) -> str:
        return f"{browser_name(obj.user_agent)}, {obj.ip}"

    def end(self, obj: UserSession) -> None:
        """End the session: deleting only its row would leave the browser signed in."""
        obj.end()
