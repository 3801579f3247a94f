"""Ends sessions, including those that allauth's list does not have.

Django accepts a session while it contains the hash that `User.get_session_auth_hash` returns. `session_generation` is
part of that hash, so incrementing it ends all sessions of the user at once.
"""

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.db.models import F

from accounts.models import User
from accounts.requests import SignedInRequest


def sign_out_everywhere(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    for session in UserSession.objects.filter(user=user):
        # Also deletes what Django has stored, which is more than an id: the address that a code was mailed to.
        session.end()


def sign_out_elsewhere(request: SignedInRequest) -> None:
    sign_out_everywhere(request.user)
    # This session stays signed in, with a new key.
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)
