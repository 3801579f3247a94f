"""What this site decides about people who come from Google or Microsoft."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import Provider
from django.http import HttpRequest

from accounts.models import User

# A tenant's administrator can write any address into a Microsoft account (known as nOAuth).
_ADDRESS_IS_A_CLAIM = {"microsoft"}


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
