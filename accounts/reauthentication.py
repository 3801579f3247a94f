"""How users confirm who they are before changing how they sign in (docs/decisions/0017).

allauth's views call `AccountAdapter.is_reauthentication_required`, and its pages ask for the password, a mailed code or
the second factor. Our own views use allauth's `reauthentication_required` decorator.
"""

import time

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.requests import SignedInRequest

#: An authenticator app or a security key. Recovery codes replace them, but are not a factor of their own.
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user, types=SECOND_FACTORS))


def has_authenticator_app(user: User) -> bool:
    return bool(is_mfa_enabled(user, types=[Authenticator.Type.TOTP]))


def presented_second_factor(request: SignedInRequest) -> bool:
    """Return whether the user presented one of their current factors in this session.

    Adding a factor is not presenting it: someone who found the browser open could have added it.
    """
    presented = [record["id"] for record in _records(request) if record["method"] == "mfa"]
    return Authenticator.objects.filter(user=request.user, pk__in=presented).exists()


def may_act_as_operator(request: SignedInRequest) -> bool:
    """Return whether this is an operator who, where it is required, presented a second factor in this session."""
    if not request.user.is_staff:
        return False
    # A recovery code may have been presented, but it is not a factor once the app or key was removed.
    return not settings.ADMIN_REQUIRES_MFA or (presented_second_factor(request) and has_second_factor(request.user))


def signed_in_recently(request: SignedInRequest) -> bool:
    """Return whether the user signed in so recently that asking again would prove nothing new.

    A user with a second factor must have presented it.
    """
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    needs_factor = has_second_factor(request.user)
    return any(
        record["at"] > oldest and (record["method"] == "mfa" or not needs_factor) for record in _records(request)
    )


def second_factor_url(user: User, next_url: str) -> str:
    """Return the page that asks for the second factor and redirects to `next_url`."""
    name = "mfa_reauthenticate" if has_authenticator_app(user) else "mfa_reauthenticate_webauthn"
    return reverse(name, query={"next": next_url})


def _records(request: SignedInRequest) -> list[dict]:
    return get_authentication_records(request, request.user)
