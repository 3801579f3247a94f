"""The language of a response: the API is in English only."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

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
