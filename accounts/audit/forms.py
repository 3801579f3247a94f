"""allauth's forms of the second step and of passkeys, which record the refusals that allauth does not signal."""

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
    """Digits of the app or a recovery code; wrong ones are signalled, too many of them are not."""

    user: User

    def clean_code(self) -> Any:
        """Record a lock-out."""
        try:
            return super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == _TOO_MANY:
                record(AuditAction.LOCKED_OUT, self.user, note="totp")
            raise


class _Key(forms.Form):
    """A passkey or security key."""

    credential = CredentialField(AuthenticationResponse)
    user: User | None

    def clean_credential(self) -> Any:
        """Record a key that is not the user's, and a lock-out. Nobody knows yet whose passkey it is at sign-in."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError as error:
            is_lock_out = error.code == _TOO_MANY
            action = AuditAction.LOCKED_OUT if is_lock_out else AuditAction.SIGN_IN_FAILED
            record(action, self.user, note="webauthn")
            raise


class CodeForm(_Code, AuthenticateForm):
    """At sign-in."""


class CodeAgainForm(_Code, ReauthenticateForm):
    """Asked again."""


class SecondStepKeyForm(_Key, AuthenticateWebAuthnForm):
    """As the second step of a sign-in."""


class PasskeyForm(_Key, LoginWebAuthnForm):
    """As the only step."""


class KeyAgainForm(_Key, ReauthenticateWebAuthnForm):
    """Asked again."""
