"""allauth's forms for signing up, signing in and security keys, with our changes."""

import copy
import uuid
from typing import Any

from allauth.account.fields import PasswordField
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from allauth.socialaccount.forms import DisconnectForm as AllauthDisconnectForm
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import RegistrationResponse

from accounts.mfa.credentials import CredentialField


class LoginForm(AllauthLoginForm):
    """Email address and optional password; without one a code is mailed.

    allauth removes the password from this form because sign-up has none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField(
            label=_("Password"),
            required=False,
            autocomplete="current-password",
            help_text=_("Leave empty to get a code by email instead."),
        )
        self.fields["password"].widget.attrs["placeholder"] = ""
        self.fields["login"].widget.attrs["placeholder"] = ""


class SignupForm(AllauthSignupForm):
    """Only the address. Takes the same time whether or not an account has it, so that it doesn't reveal which."""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            self._save_and_undo(request)
        return super().try_save(request)

    def _save_and_undo(self, request: HttpRequest) -> None:
        unknown = copy.copy(self)
        unknown.account_already_exists = False
        unknown.cleaned_data = {**self.cleaned_data, "email": f"{uuid.uuid4().hex}@example.invalid"}
        with transaction.atomic():
            unknown.save(request)
            transaction.set_rollback(True)


class DisconnectForm(AllauthDisconnectForm):
    def clean(self) -> dict[str, Any]:
        """Allow disconnecting the last account without a password, unlike allauth: an emailed code signs in too."""
        return self.cleaned_data


class AddKeyForm(AddWebAuthnForm):
    """Has labels in plain, translated words."""

    name = forms.CharField(label=_("Name"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with this key alone"),
        required=False,
        help_text=_("Your device asks for your fingerprint, your face or a PIN."),
    )
    credential = CredentialField(RegistrationResponse)


class RenameKeyForm(EditWebAuthnForm):
    name = forms.CharField(label=_("Name"))
