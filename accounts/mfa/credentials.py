"""What browsers send when a passkey or security key is added or used."""

import struct
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

# What fido2 and json raise at bytes that no authenticator made.
_MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


class CredentialField(forms.JSONField):
    """What the browser's authenticator answered. What no browser sends is answered with 400: allauth would crash."""

    widget = forms.HiddenInput

    def __init__(self, response_class: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        super().__init__()
        self.response_class = response_class

    def clean(self, value: Any) -> Any:
        """Return the credential as it was sent, but only if it can be read."""
        try:
            credential = super().clean(value)
            self.response_class.from_dict(credential)
        except _MALFORMED as error:
            raise BadRequest from error
        except ValidationError as error:
            if not value:
                raise
            raise BadRequest from error
        return credential
