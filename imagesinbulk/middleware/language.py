"""In which language is answered: people choose, programs get English."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from imagesinbulk.audience import is_for_programs


class LanguageMiddleware(LocaleMiddleware):
    """Django's for people; what programs are answered depends on no language, so that it says nothing of one."""

    def process_request(self, request: HttpRequest) -> None:
        """Switch to the language of who asks."""
        if is_for_programs(request):
            translation.activate("en")
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, for people with its language."""
        return response if is_for_programs(request) else super().process_response(request, response)
