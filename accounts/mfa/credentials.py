import struct
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

# Raised by fido2 and json for malformed data.
_MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


class CredentialField(forms.JSONField):
    """The response of the browser's authenticator. Malformed ones get 400: allauth would crash."""

    widget = forms.HiddenInput

    def __init__(self, response_class: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        super().__init__()
        self.response_class = response_class

    def clean(self, value: Any) -> Any:
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
