"""Ends sessions, including those that allauth's list does not have.

Django accepts a session while it contains the hash that `User.get_session_auth_hash` returns. `session_generation` is
part of that hash, so incrementing it ends all sessions of the user at once.
"""

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.requests import SignedInRequest


def sign_out_everywhere(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    sessions = UserSession.objects.filter(user=user)
    keys = list(sessions.values_list("session_key", flat=True))
    sessions.delete()
    # They have ended already, but they contain the address that a code was mailed to. The cache may be unavailable.
    transaction.on_commit(lambda: _delete(keys), robust=True)


def _delete(keys: Iterable[str]) -> None:
    for key in keys:
        SessionStore().delete(key)


def sign_out_elsewhere(request: SignedInRequest) -> None:
    sign_out_everywhere(request.user)
    # This session stays signed in, with a new key.
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)
