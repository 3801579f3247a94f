"""What this site decides for allauth: how to ask once more who it is, and whose word counts for an address."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import Provider
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.reauthentication import mailable_address

# A tenant's administrator can write any address into a Microsoft account (known as nOAuth).
_ADDRESS_IS_A_CLAIM = {"microsoft"}


class AccountAdapter(DefaultAccountAdapter):
    """Knows one more way to ask again: the mailed code, for those who have no second step."""

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to ask this user again, the first one preferred."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and mailable_address(user):
            url = reverse("account_reauthenticate_by_code")
            methods.append({"id": "reauthenticate_by_code", "description": _("Use a code by mail"), "url": url})
        return methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address, from `ALLAUTH_TRUSTED_PROXY_COUNT` proxies; `fe80::1%eth0` without its zone."""
        return super().get_client_ip(request).partition("%")[0]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose links begin with `SITE_URL`: anybody can write any Host header."""
        host = urlsplit(settings.SITE_URL).netloc
        site = {"site_url": settings.SITE_URL, "current_site": SimpleNamespace(domain=host, name=host)}
        super().send_mail(template_prefix, email, {**context, **site})


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Fills our one `name`, and never takes Microsoft's word for an address."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Return the new user with the name that the provider knows."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = name[: User._meta.get_field("name").max_length]
        return user

    def is_email_verified(self, provider: Provider, email: str) -> bool:
        """Say whether the provider's address may be believed; Microsoft's never, whatever the settings say."""
        return provider.id not in _ADDRESS_IS_A_CLAIM and super().is_email_verified(provider, email)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Say whether an equal address opens an existing account; with Microsoft never."""
        return login.provider.id not in _ADDRESS_IS_A_CLAIM and super().can_authenticate_by_email(login, email)
