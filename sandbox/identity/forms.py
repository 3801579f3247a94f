from typing import Any
from urllib.parse import SplitResult, urlsplit

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sandbox import environment

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


def _site_host() -> str | None:
    return urlsplit(environment.site_url()).hostname


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


class AuthorizationForm(forms.Form):
    """What a site sends along with its visitor (RFC 6749, section 4.1.1, and PKCE, RFC 7636)."""

    response_type = forms.ChoiceField(choices=[("code", "code")])
    client_id = forms.CharField()
    redirect_uri = forms.CharField()
    state = forms.CharField()
    code_challenge = forms.RegexField(r"^[\w-]{43}$")
    code_challenge_method = forms.ChoiceField(choices=[("S256", "S256")])

    def clean_redirect_uri(self) -> str:
        """Don't redirect to another machine."""
        address: str = self.cleaned_data["redirect_uri"]
        parts = _parts(address)
        if parts.scheme not in ("http", "https") or parts.hostname not in {*LOOPBACK_HOSTS, _site_host()}:
            raise forms.ValidationError("This is not the site's address.")
        return address

    def way_back(self, **answer: str) -> str:
        """Return the site's address with the answer in it."""
        query = QueryDict(mutable=True)
        query.update({**answer, "state": self.cleaned_data["state"]})
        return f"{self.cleaned_data['redirect_uri']}?{query.urlencode()}"


class PersonForm(forms.Form):
    """Who signs in."""

    email = forms.EmailField(label=_("Email address"))
    name = forms.CharField(label=_("Name"), max_length=150)
    subject = forms.RegexField(
        r"^[\w.-]{1,100}$", label=_("Account id"), required=False,
        help_text=_(
            "Leave empty to create an id from the address. Enter an id to use an account with another address, "
            "or to use a second account with the same address."
        ),
    )  # fmt: skip
    email_verified = forms.BooleanField(label=_("The address is verified"), required=False)

    def __init__(self, *args: Any, verifies: bool, **kwargs: Any) -> None:
        """Ask about the verification only where the provider says something about it."""
        super().__init__(*args, **kwargs)
        if not verifies:
            del self.fields["email_verified"]
