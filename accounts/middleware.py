"""When a session was last used, for the list of sessions, without a write on every request."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

#: The list of sessions is this exact. Noting every poll of a batch page would cost more than the poll.
_EXACT_TO_SECONDS = 600
_KEY = "last_noted"


class SessionActivityMiddleware:
    """Note address, browser and time of a signed-in session, at most every ten minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer first: a page must not wait for the note."""
        response = self.get_response(request)
        now = int(time.time())
        session = request.session
        if session.session_key and now - session.get(_KEY, 0) > _EXACT_TO_SECONDS and request.user.is_authenticated:
            session[_KEY] = now
            UserSession.objects.create_from_request(request)
        return response
