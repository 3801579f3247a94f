"""The WSGI entry point: `application` for gunicorn and LiteSpeed."""

import os
from collections.abc import Callable
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")


class Handler(WSGIHandler):
    """Django's handler, which would answer 500 to these headers with `charset*=x''y`: an unknown encoding (RFC 2231).

    No client sends parameters of that kind there, so the header is dropped.
    """

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        """Answer a request."""
        for name in ("CONTENT_TYPE", "HTTP_ACCEPT"):
            if "*=" in environ.get(name, ""):
                del environ[name]
        return super().__call__(environ, start_response)


django.setup(set_prefix=False)
application = Handler()
