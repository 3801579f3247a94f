"""The request of someone who is signed in, for views behind `login_required` and `signed_in_post_required`."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from rest import request_limits

View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """A request whose user is known; only types see the difference."""

    user: User


def signed_in_post_required(view: View) -> View:
    """Let only POSTs of somebody signed in reach the view; others sign in and come back to the page with the button.

    Not to the view's own address, as with `login_required`: a sign-in goes on with a GET, which is refused there.
    A script, which asks for no page, gets 401.
    """

    @require_POST
    @wraps(view)
    def posted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if not request.accepts("text/html"):
            return HttpResponse(status=401)
        messages.info(request, _("Sign in and try again. Nothing has changed yet."))
        return redirect_to_login(_page_with_the_button(request))

    return posted


def limited_per_user(name: str, per_minute: int) -> Callable[[View], View]:
    """Answer 429 to a user who opens the views with this name more often than that."""

    def decorator(view: View) -> View:
        @wraps(view)
        def limited(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            standing = request_limits.count(f"{name}/{request.user.pk}", per_minute)
            if standing.is_allowed:
                return view(request, *args, **kwargs)
            response: HttpResponse = respond_429(request)
            response.headers["Retry-After"] = str(standing.reset_seconds)
            return response

        return limited

    return decorator


def _page_with_the_button(request: HttpRequest) -> str:
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return reverse("home")
    return urlsplit(page)._replace(scheme="", netloc="").geturl() or reverse("home")
