"""Sends the requests of the table and names the answers with its words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache as cache_once
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from tests.authorisation.askers import Asker
from tests.authorisation.things import Places

SIGN_IN = {reverse("account_login"), reverse("admin:login")}
CONFIRM = {
    reverse(name)
    for name in (
        "account_reauthenticate",
        "account_request_reauthentication_code",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    )
}


@dataclass
class Site:
    """The site with its cast: whatever a request changes is undone."""

    askers: dict[str, Asker]
    places: Places
    media: Path

    def ask(self, asker: str, method: str, address: str, body: Any = None, **options: Any) -> HttpResponseBase:
        """Send a request; `body` is a form's fields, or text that is JSON."""
        cache.clear()  # the limits of requests
        client = Client(raise_request_exception=False, headers=self.askers[asker].headers)
        client.handler = _handler(**options)
        client.cookies.load(self.askers[asker].cookies)
        path = self.fill(address)
        files = nullcontext() if method in ("GET", "HEAD", "OPTIONS") else self._files_as_they_are()
        with transaction.atomic(), files:
            response = client.generic(method, path, *self._encoded(body))
            if response.streaming:
                # The files behind it are closed.
                b"".join(response)
            transaction.set_rollback(True)
        return response

    def fill(self, text: str) -> str:
        """Put the cast's own things in the place of the words in braces."""
        return re.sub(r"{([a-z._]+)}", lambda found: str(self.places[found[1]]()), text)

    def _encoded(self, body: Any) -> tuple[str, str]:
        if isinstance(body, str):
            return body, "application/json"
        return self.fill(urlencode(body or {}, safe="{}")), "application/x-www-form-urlencoded"

    @contextmanager
    def _files_as_they_are(self) -> Iterator[None]:
        files = {path: path.read_bytes() for path in self.media.rglob("*") if path.is_file()}
        yield
        for path in files.keys() - set(self.media.rglob("*")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path])


@cache_once
def _handler(enforce_csrf_checks: bool = False) -> ClientHandler:
    """Return what all requests share: the middleware is loaded once."""
    return ClientHandler(enforce_csrf_checks)


def word_for(response: HttpResponseBase) -> str:
    """Return the table's word for an answer."""
    if 300 <= response.status_code < 400:
        path = urlsplit(response.headers["Location"]).path
        return "sign-in" if path in SIGN_IN else "confirm" if path in CONFIRM else "moved"
    is_page = response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html")
    return "page" if is_page else str(response.status_code)
