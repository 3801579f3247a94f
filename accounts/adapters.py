"""What this site decides for allauth: how a user confirms who they are, and whose word counts for an address."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import Provider
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.audit.adapter import AuditedAccountAdapter
from accounts.mfa import enrolment
from accounts.models import User
from accounts.reauthentication import has_second_factor, signed_in_recently
from accounts.sessions.ending import sign_out_elsewhere, sign_out_everywhere

# A tenant's administrator can write any address into a Microsoft account (known as nOAuth).
_ADDRESS_IS_A_CLAIM = {"microsoft"}
_CODE_OR_PASSWORD = {"reauthenticate", "reauthenticate_by_code"}


class AccountAdapter(AuditedAccountAdapter):
    """Decides when users must confirm who they are, and how."""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether the user must confirm who they are before changing how they sign in.

        allauth asks even someone who signed in a moment ago. We do not: it would be the same question again.
        Raises `ReauthenticationRequired` and `ImmediateHttpResponse`.
        """
        if app == "allauth.mfa":
            enrolment.require_invitation(self.request)
        if signed_in_recently(self.request):
            return False
        if has_second_factor(self.request.user):
            # allauth would go on to accept a password or a mailed code that was confirmed meanwhile.
            raise ReauthenticationRequired
        return True

    def pre_login(self, request: HttpRequest, user: Any, *, signal_kwargs: Any = None, **kwargs: Any) -> Any:
        """Verify the address that a trusted provider vouches for; allauth would mail a code to it."""
        sociallogin = (signal_kwargs or {}).get("sociallogin")
        if user.is_active and sociallogin:
            sync_user_email_address(user)
            for email in vouched_for(sociallogin):
                verify_email_indirectly(request, user, email)
        return super().pre_login(request, user, signal_kwargs=signal_kwargs, **kwargs)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Read again what sessions depend on: verifying the address may have changed it after `user` was loaded."""
        user.refresh_from_db(fields=["password", "session_generation"])
        super().login(request, user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to confirm who the user is. Someone with a second factor has to present it."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and has_second_factor(user):
            methods = [method for method in methods if method["id"] not in _CODE_OR_PASSWORD]
        for method in methods:
            if method["id"] == "reauthenticate_by_code":
                method["description"] = _("Email me a code")
        return methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address, from `ALLAUTH_TRUSTED_PROXY_COUNT` proxies; `fe80::1%eth0` without its zone."""
        return super().get_client_ip(request).partition("%")[0]

    def is_safe_url(self, url: str | None) -> bool:
        """Return whether `next` may lead there; never to what cannot be parsed, like "http://["."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose links begin with `SITE_URL`: anybody can write any Host header."""
        host = urlsplit(settings.SITE_URL).netloc
        site = {"site_url": settings.SITE_URL, "current_site": SimpleNamespace(domain=host, name=host)}
        super().send_mail(template_prefix, email, {**context, **site})


def vouched_for(login: SocialLogin) -> list[str]:
    """Return the addresses that the provider has verified and may be believed about."""
    adapter = SocialAccountAdapter()
    verified = (address.email for address in login.email_addresses if address.verified)
    return [email for email in verified if adapter.can_authenticate_by_email(login, email)]


class ProviderNotConfigured(Http404):
    """Nobody can sign in with this provider here."""

    # An account that was connected when it was configured is still listed: templates go on without its provider.
    silent_variable_failure = True


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Fills our one `name`, and never takes Microsoft's word for an address."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Return the new user with the name that the provider knows."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = name[: User._meta.get_field("name").max_length]
        return user

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """Return the client id and secret of the provider. Its pages are not there where it is not configured."""
        try:
            app: SocialApp = super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise ProviderNotConfigured from error
        return app

    def is_email_verified(self, provider: Provider, email: str) -> bool:
        """Say whether the provider's address may be believed; Microsoft's never, whatever the settings say."""
        return provider.id not in _ADDRESS_IS_A_CLAIM and super().is_email_verified(provider, email)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Say whether an equal address opens an existing account; with Microsoft never."""
        return login.provider.id not in _ADDRESS_IS_A_CLAIM and super().can_authenticate_by_email(login, email)


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Ends all sessions where allauth would end those in its list."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        """End every session of the user but the one that asks for it; allauth has no other use of this."""
        request = context.request
        if request.user.is_authenticated:
            sign_out_elsewhere(request)
        elif sessions:
            sign_out_everywhere(sessions[0].user)
