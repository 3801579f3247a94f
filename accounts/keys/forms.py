"""allauth's forms with a checkbox that also revokes the user's API keys.

It is not checked by default, so that ending a forgotten session does not stop the user's programs.
"""

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm
from allauth.core import context
from allauth.usersessions.forms import ManageUserSessionsForm
from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import ApiKey, AuditAction, AuditEntry, User


class _OffersToRevokeKeys(forms.Form):
    """Has a checkbox if the user has API keys that work."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if count := len(self._keys()):
            text = ngettext(
                "You have %(count)s active API key. Programs that use it will keep working unless you revoke it.",
                "You have %(count)s active API keys. Programs that use them will keep working unless you revoke them.",
                count,
            )
            self.fields["revoke_keys"] = forms.BooleanField(
                label=_("Also revoke my API keys"), required=False, help_text=text % {"count": count}
            )

    def save(self, *args: Any) -> None:
        super().save(*args)  # type: ignore[misc]
        if not self.cleaned_data.get("revoke_keys"):
            return
        count = sum(key.revoke(self.user) for key in self._keys())
        text = ngettext("%(count)s API key revoked.", "%(count)s API keys revoked.", count)
        messages.success(context.request, text % {"count": count})

    def _keys(self) -> list[ApiKey]:
        return list(ApiKey.objects.of(self.user).usable(timezone.now()))


class ChangePassword(_OffersToRevokeKeys, ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        _label_new_password(self.fields)


class ResetPassword(_OffersToRevokeKeys, ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label_new_password(self.fields)


def _label_new_password(fields: dict[str, forms.Field]) -> None:
    """Labels in sentence case; allauth's are "New Password" and so on."""
    fields["password1"].label, fields["password2"].label = _("New password"), _("New password (again)")


class SignOutElsewhere(_OffersToRevokeKeys, ManageUserSessionsForm):
    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        self.user = request.user
        super().__init__(*args, request=request, **kwargs)

    def save(self, request: HttpRequest) -> None:
        AuditEntry.objects.record(AuditAction.SESSION_ENDED, self.user, actor=self.user, note="everywhere")
        super().save(request)
