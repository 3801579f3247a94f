"""How an operator adds the first second factor: with a link from another operator or the command line.

Someone who finds an operator's browser open must not be able to add a factor and enter the admin with it. So a session
may add one only after its user has opened such a link, which works once and for a day.
"""

import hashlib
import secrets
import time

from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.cache import cache
from django.shortcuts import render
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from accounts.reauthentication import has_second_factor
from accounts.requests import SignedInRequest

LINK_WORKS_FOR_SECONDS = 24 * 60 * 60
#: After the link was opened.
SESSION_MAY_ENROL_FOR_SECONDS = 60 * 60
_INVITED_AT = "enrolment_invited_at"


class NotInvitable(Exception):
    """The user is not an operator, or already has a second factor."""


def invite(user: User, actor: User | None) -> str:
    """Return a link with which this operator can add the first second factor. It works once, for a day.

    `actor` is None on the command line. Raises `NotInvitable`.
    """
    if not user.is_staff or has_second_factor(user):
        raise NotInvitable
    token = secrets.token_urlsafe(32)
    cache.set(_cache_key(token), user.pk, LINK_WORKS_FOR_SECONDS)
    AuditEntry.objects.record(AuditAction.FACTOR_INVITED, user, actor=actor)
    return settings.SITE_URL + reverse("account_enrolment", args=[token])


def is_invitation(user: User, token: str) -> bool:
    return cache.get(_cache_key(token)) == user.pk


def accept(request: SignedInRequest, token: str) -> bool:
    """Let this session add a factor; False if the link was used, has expired or is for another operator."""
    # If there are two requests at once, only one of them deletes the link.
    if not (is_invitation(request.user, token) and cache.delete(_cache_key(token))):
        return False
    request.session[_INVITED_AT] = time.time()
    return True


def require_invitation(request: SignedInRequest) -> None:
    """Raise `ImmediateHttpResponse` for an operator without a factor and without an invitation."""
    user = request.user
    if not (settings.ADMIN_REQUIRES_MFA and user.is_staff) or has_second_factor(user):
        return
    if time.time() - request.session.get(_INVITED_AT, 0) > SESSION_MAY_ENROL_FOR_SECONDS:
        raise ImmediateHttpResponse(render(request, "accounts/enrolment_required.html", status=403))


def _cache_key(token: str) -> str:
    return f"enrolment:{hashlib.sha256(token.encode()).hexdigest()}"
