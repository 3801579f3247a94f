"""How long sessions last. When one was last used is stored now and then, not on every request."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from accounts.requests import SignedInRequest

_MINUTE, _HOUR, _DAY = 60, 60 * 60, 24 * 60 * 60


@dataclass(frozen=True)
class Lifetime:
    """All in seconds. `precision` is how old the stored time of the last use may be."""

    idle: int
    total: int
    precision: int


_OPERATOR = Lifetime(idle=_HOUR, total=12 * _HOUR, precision=_MINUTE)
_SIGNED_IN_AT, _LAST_USED_AT = "signed_in_at", "last_used_at"


class SessionLifetimeMiddleware:
    """Signs out sessions that were idle, or signed in, for too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: SignedInRequest) -> HttpResponseBase:
        if is_signed_in(request) and _is_over(request):
            logout(request)
            messages.info(request, gettext("For your security, we signed you out. Please sign in again."))
        response = self.get_response(request)
        if is_signed_in(request):
            _save_last_use(request)
        return response


def is_signed_in(request: SignedInRequest) -> bool:
    # Without a session cookie the user is not looked up.
    return bool(request.session.session_key) and request.user.is_authenticated


def _lifetime(request: SignedInRequest) -> Lifetime:
    if request.user.is_staff:
        return _OPERATOR
    return Lifetime(settings.SESSION_IDLE_DAYS * _DAY, settings.SESSION_MAX_DAYS * _DAY, precision=10 * _MINUTE)


def _is_over(request: SignedInRequest) -> bool:
    session, lifetime, now = request.session, _lifetime(request), time.time()
    return (
        now - session.get(_SIGNED_IN_AT, now) > lifetime.total or now - session.get(_LAST_USED_AT, now) > lifetime.idle
    )


def _save_last_use(request: SignedInRequest) -> None:
    session, now = request.session, time.time()
    if now - session.get(_LAST_USED_AT, 0) > _lifetime(request).precision:
        session.setdefault(_SIGNED_IN_AT, now)
        session[_LAST_USED_AT] = now
        UserSession.objects.create_from_request(request)
