"""Decorators and types for the views of signed-in users."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from rest import request_limits

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request whose user is signed in; only for type annotations."""

    user: User


def signed_in_post_required(view: View) -> View:
    """Allow only POST, and only users who are signed in; others sign in and return to the page with the button.

    `login_required` would return to the view's own URL with a GET, which is not allowed. A script gets 401.
    """

    @require_POST
    @wraps(view)
    def posted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if not request.accepts("text/html"):
            return HttpResponse(status=401)
        messages.info(request, _("Sign in and try again. Nothing has changed yet."))
        return redirect_to_login(_previous_page(request))

    return posted


def limited_per_user(name: str, per_minute: int) -> Callable[[View], View]:
    """Answer 429 to a user who calls the views with this `name` more than `per_minute` times a minute."""

    def decorator(view: View) -> View:
        @wraps(view)
        def limited(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            standing = request_limits.count(f"{name}/{request.user.pk}", per_minute)
            if standing.is_allowed:
                return view(request, *args, **kwargs)
            response: HttpResponse = respond_429(request)
            response.headers["Retry-After"] = str(standing.reset_seconds)
            return response

        return limited

    return decorator


def _previous_page(request: HttpRequest) -> str:
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return reverse("home")
    return urlsplit(page)._replace(scheme="", netloc="").geturl() or reverse("home")


@dataclass(frozen=True)
class LargeForm:
    """A form that may be larger than others; `imagesinbulk.middleware.size` checks it before the body is read."""

    name: str
    max_bytes: Callable[[User], int]
    per_minute: int

    def count(self, user: User, byte_count: int) -> request_limits.Standing:
        """Count a form of that size and return how many more the user may send."""
        cost = request_limits.cost_of(byte_count)
        return request_limits.count(f"{self.name}/{user.pk}", self.per_minute, cost)


def large_form(name: str, max_bytes: Callable[[User], int], per_minute: int) -> Callable[[Any], Any]:
    """Allow a view larger forms; a very large one counts as several of `per_minute` (`request_limits.cost_of`)."""

    def decorator(view: Any) -> Any:
        view.large_form = LargeForm(name, max_bytes, per_minute)
        return view

    return decorator
