"""The request of someone who is signed in, for views behind `login_required`."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request whose user is known; only types see the difference."""

    user: User
