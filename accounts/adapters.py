"""allauth's adapters with the decisions of this site."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import Provider
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.audit.adapter import AuditedAccountAdapter
from accounts.mfa import enrolment
from accounts.models import User
from accounts.reauthentication import has_authenticator_app, has_second_factor, signed_in_recently
from accounts.sessions.ending import sign_out_elsewhere, sign_out_everywhere

# A tenant's administrator can set any address for a Microsoft account (known as nOAuth).
_UNTRUSTED_ADDRESSES = {"microsoft"}
_CODE_OR_PASSWORD = {"reauthenticate", "reauthenticate_by_code"}
_KEY = "mfa_reauthenticate:webauthn"
_WORDS = {"reauthenticate_by_code": _("Email me a code"), _KEY: _("Use a passkey or security key")}


class AccountAdapter(AuditedAccountAdapter):
    def clean_email(self, email: str) -> str:
        """Refuse invisible characters and look-alikes, which MariaDB may ignore or treat as the plain ones."""
        address: str = super().clean_email(email)
        if not _is_plain(address):
            raise ValidationError(EmailValidator.message, code="invalid")
        return address

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether the user must confirm who they are before changing how they sign in.

        allauth requires it even of a user who signed in a moment ago.
        Raises `ReauthenticationRequired` and `ImmediateHttpResponse`.
        """
        if app == "allauth.mfa":
            enrolment.require_invitation(self.request)
        if signed_in_recently(self.request):
            return False
        if has_second_factor(self.request.user):
            # Otherwise allauth would accept a password or a mailed code.
            raise ReauthenticationRequired
        return True

    def pre_login(self, request: HttpRequest, user: Any, *, signal_kwargs: Any = None, **kwargs: Any) -> Any:
        """Verify the email address that a trusted provider has verified; allauth would mail a code to it."""
        sociallogin = (signal_kwargs or {}).get("sociallogin")
        if user.is_active and sociallogin:
            sync_user_email_address(user)
            provider = SocialAccountAdapter()
            for address in sociallogin.email_addresses:
                if address.verified and provider.can_authenticate_by_email(sociallogin, address.email):
                    verify_email_indirectly(request, user, address.email)
        return super().pre_login(request, user, signal_kwargs=signal_kwargs, **kwargs)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Record the emailed code of a sign-up as an authentication, so that the user need not enter another one."""
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed and not request.user.is_authenticated:
            record_authentication(request, email_address.user, method="code", email=email_address.email)
        return confirmed

    def login(self, request: HttpRequest, user: Any) -> None:
        """Reload the fields that sessions depend on: verifying the address may have changed them."""
        user.refresh_from_db(fields=["password", "session_generation"])
        super().login(request, user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to confirm who the user is; with a second factor only that factor."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and has_second_factor(user):
            methods = [method for method in methods if method["id"] not in _CODE_OR_PASSWORD]
        if not has_authenticator_app(user):
            # Otherwise the code page comes first, because whoever has a key also has recovery codes.
            methods.sort(key=lambda method: method["id"] != _KEY)
        return [{**method, "description": _WORDS.get(method["id"], method["description"])} for method in methods]

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address without the zone of IPv6 (`fe80::1%eth0`), which the database does not accept."""
        return super().get_client_ip(request).partition("%")[0]

    def is_safe_url(self, url: str | None) -> bool:
        """Return whether `next` may be this URL; False also for what can't be parsed, like "http://["."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose links begin with `SITE_URL`, because anybody can send any Host header."""
        host = urlsplit(settings.SITE_URL).netloc
        site = {"site_url": settings.SITE_URL, "current_site": SimpleNamespace(domain=host, name=host)}
        super().send_mail(template_prefix, email, {**context, **site})


class ProviderNotConfigured(Http404):
    # An account that was connected earlier is still listed: templates show it without its provider.
    silent_variable_failure = True


def _is_plain(address: str) -> bool:
    local, _at, domain = address.rpartition("@")
    try:
        return local.isascii() and (domain.isascii() or domain.encode("idna").decode("idna") == domain.lower())
    except UnicodeError:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Fills our single `name` field, and never trusts an address from Microsoft."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = name[: User._meta.get_field("name").max_length]
        return user

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """Return the provider's client id and secret; raises `ProviderNotConfigured`."""
        try:
            app: SocialApp = super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise ProviderNotConfigured from error
        return app

    def is_email_verified(self, provider: Provider, email: str) -> bool:
        return provider.id not in _UNTRUSTED_ADDRESSES and super().is_email_verified(provider, email)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Return whether signing in with the same address opens an existing account."""
        return login.provider.id not in _UNTRUSTED_ADDRESSES and super().can_authenticate_by_email(login, email)


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: list[UserSession]) -> None:
        """End all the user's sessions except the current one, not only those in allauth's list."""
        request = context.request
        if request.user.is_authenticated:
            sign_out_elsewhere(request)
        elif sessions:
            sign_out_everywhere(sessions[0].user)
