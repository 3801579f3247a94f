import re
from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http.response import HttpResponseBase

_CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)


class Handler(WSGIHandler):
    """Removes header values that make Django 5.2 answer 500 or fail.

    These are parameters in an unknown encoding (RFC 2231: `charset*=x''y`), which no client sends in these headers, and
    a form's charset other than UTF-8, which no browser sends. All text is read as UTF-8.
    """

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        for name in ("CONTENT_TYPE", "HTTP_ACCEPT"):
            if "*=" in environ.get(name, ""):
                del environ[name]
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = _CHARSET.sub("", environ["CONTENT_TYPE"])
        return super().__call__(environ, start_response)
