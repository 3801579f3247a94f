"""The audit entries for which allauth sends no signal."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.audit.sign_in import record, record_about_address
from accounts.models import AuditAction, User

#: What each mail with a code is for.
_CODES = {
    "account/email/login_code": "sign_in",
    "account/email/email_confirmation": "email",
    "account/email/email_confirmation_signup": "signup",
    "account/email/password_reset_code": "password_reset",
}
#: Mailed instead of a code, so that the page does not reveal whether there is an account.
_UNKNOWN, _KNOWN = "account/email/unknown_account", "account/email/account_already_exists"
_SUSPENDED = "account/email/account_suspended"


class AuditedAccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        # For every mail, so that known and unknown addresses cost the same. allauth finds active users only.
        suspended = User.objects.filter(email=User.objects.normalize_email(email), is_active=False)
        if suspended.exists() and template_prefix == _UNKNOWN:
            template_prefix = _SUSPENDED
        super().send_mail(template_prefix, email, context)
        if purpose := _CODES.get(template_prefix):
            purpose = "reauthentication" if context.get("reauthentication") else purpose
            user = context.get("user") or getattr(self.request, "user", None)
            if isinstance(user, User):
                record(AuditAction.CODE_SENT, user, address=email, note=purpose)
            else:
                record_about_address(AuditAction.CODE_SENT, email, note=purpose)
        elif template_prefix == _UNKNOWN:
            record(AuditAction.SIGN_IN_FAILED, None, address=email, note="no_account")
        elif template_prefix == _SUSPENDED:
            record_about_address(AuditAction.SIGN_IN_FAILED, email, note="suspended")
        elif template_prefix == _KNOWN:
            record_about_address(AuditAction.SIGN_IN_FAILED, email, note="signup")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_about_address(AuditAction.LOCKED_OUT, credentials.get("email") or "", note="password")
            raise
