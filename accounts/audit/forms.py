"""allauth's forms for second factors and passkeys, recording the refusals that allauth does not signal."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from fido2.webauthn import AuthenticationResponse

from accounts.audit.sign_in import record
from accounts.mfa.credentials import CredentialField
from accounts.models import AuditAction, User

_TOO_MANY = "too_many_login_attempts"


class _Code:
    """A code of an app, or a recovery code. allauth signals wrong codes, but not that there were too many."""

    user: User

    def clean_code(self) -> Any:
        try:
            return super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == _TOO_MANY:
                record(AuditAction.LOCKED_OUT, self.user, note="totp")
            raise


class _Key(forms.Form):
    credential = CredentialField(AuthenticationResponse)
    user: User | None

    def clean_credential(self) -> Any:
        """Record a wrong key, or too many of them. `user` is None when signing in with a passkey."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError as error:
            is_lock_out = error.code == _TOO_MANY
            action = AuditAction.LOCKED_OUT if is_lock_out else AuditAction.SIGN_IN_FAILED
            record(action, self.user, note="webauthn")
            raise


class CodeForm(_Code, AuthenticateForm):
    pass


class CodeAgainForm(_Code, ReauthenticateForm):
    pass


class SecondStepKeyForm(_Key, AuthenticateWebAuthnForm):
    pass


class PasskeyForm(_Key, LoginWebAuthnForm):
    pass


class KeyAgainForm(_Key, ReauthenticateWebAuthnForm):
    pass
