"""Proving a session in the same statement that reads what it asks for; everything else uses `request.user`."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare

from accounts.models import User


def claimed_user(session: SessionBase) -> Any:
    """Return the id of the user that the session names, still to be proved by `proves`; None if it names nobody."""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    return session.get(SESSION_KEY)


def proves(session: SessionBase, password: str) -> bool:
    """Tell whether the session was opened under this password (its stored hash), as Django's `get_user` does.

    The claimed user must have been found by its id, and active. A session under a former `SECRET_KEY` is left to
    `request.user`, which renews it.
    """
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), User(password=password).get_session_auth_hash())
