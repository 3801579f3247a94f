"""The language of a response, and of emails to the user: the API is in English only."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.sessions.lifetimes import is_signed_in
from imagesinbulk.audience import is_for_programs


class LanguageMiddleware(LocaleMiddleware):
    """Django's for pages. Responses of the API don't depend on a language and have no `Content-Language`."""

    def process_request(self, request: HttpRequest) -> None:
        if is_for_programs(request):
            translation.activate("en")
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if is_for_programs(request) else super().process_response(request, response)


class UserLanguageMiddleware:
    """Stores which language a user reads when it changes in one of their browsers. Emails are in that language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: SignedInRequest) -> HttpResponseBase:
        # Before the view, which may send emails, and after it, because it may have signed somebody in.
        _save_language(request)
        response = self.get_response(request)
        _save_language(request)
        return response


def _save_language(request: SignedInRequest) -> None:
    language = translation.get_language()
    if is_for_programs(request) or not is_signed_in(request) or request.session.get("language") == language:
        return
    request.session["language"] = request.user.language = language
    User.objects.filter(pk=request.user.pk).update(language=language)
