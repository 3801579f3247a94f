"""Stand-ins for Google's and Microsoft's sign-in on the loopback address.

`oidc-provider-mock` knows OpenID Connect but neither PKCE nor Microsoft's addresses; both are added around it.
"""

import base64
import hashlib
import io
import json
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

# The library behind the mock refuses plain HTTP otherwise, and warns of its own future.
os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")
with warnings.catch_warnings():
    import authlib.deprecate  # noqa: F401 - it sets a filter of its own, which ours has to follow

    warnings.simplefilter("ignore", DeprecationWarning)
    import oidc_provider_mock
    from oidc_provider_mock import User

Environment = dict[str, Any]
Wsgi = Callable[[Environment, Any], Iterable[bytes]]
_MICROSOFT_PATH = re.compile(r"^/[^/]+/oauth2/v2\.0/(authorize|token)$")


class RequirePkce:
    """Refuses an authorization without an S256 challenge, and a code without the matching verifier (RFC 7636)."""

    def __init__(self, app: Wsgi) -> None:
        self.app = app
        self.challenges: dict[str, str] = {}

    def __call__(self, environment: Environment, start: Any) -> Iterable[bytes]:
        request = Request(environment)
        body = request.get_data(cache=False)
        environment["wsgi.input"] = io.BytesIO(body)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if request.path == "/oauth2/token" and not self._proves(form):
            return _json({"error": "invalid_grant"}, 400)(environment, start)
        if request.path == "/oauth2/authorize" and request.args.get("code_challenge_method") != "S256":
            return Response("PKCE required", 400)(environment, start)
        answer, status, headers = run_wsgi_app(self.app, environment, buffered=True)
        if code := parse_qs(urlsplit(headers.get("Location", "")).query).get("code"):
            self.challenges[code[0]] = request.args["code_challenge"]
        return Response(b"".join(answer), status, headers)(environment, start)

    def _proves(self, form: Mapping[str, str]) -> bool:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return self.challenges.pop(form.get("code", ""), None) == verifier


class AtMicrosoftsAddresses:
    """Answers at the addresses of login.microsoftonline.com and of Graph; profiles are Graph's, by subject."""

    def __init__(self, app: Wsgi, profiles: Mapping[str, dict[str, Any]]) -> None:
        self.app, self.profiles = app, profiles

    def __call__(self, environment: Environment, start: Any) -> Iterable[bytes]:
        if path := _MICROSOFT_PATH.match(environment["PATH_INFO"]):
            environment["PATH_INFO"] = f"/oauth2/{path[1]}"
        elif environment["PATH_INFO"] == "/v1.0/me":
            return self._profile(environment)(environment, start)
        return self.app(environment, start)

    def _profile(self, environment: Environment) -> Response:
        inner = {**environment, "PATH_INFO": "/userinfo", "QUERY_STRING": ""}
        answer, status, _ = run_wsgi_app(self.app, inner, buffered=True)
        if not status.startswith("200"):
            return _json({"error": {"message": "InvalidAuthenticationToken"}}, 401)
        return _json(self.profiles[json.loads(b"".join(answer))["sub"]])


def google(people: Mapping[str, dict[str, Any]]) -> Wsgi:
    """Return a Google whose accounts are `people`: claims by subject."""
    users = [User(sub=subject, claims=claims) for subject, claims in people.items()]
    return RequirePkce(oidc_provider_mock.app(user_claims=users))


def microsoft(profiles: Mapping[str, dict[str, Any]]) -> Wsgi:
    """Return a Microsoft whose accounts are `profiles`: Graph's fields by subject."""
    users = [User(sub=subject) for subject in profiles]
    return AtMicrosoftsAddresses(RequirePkce(oidc_provider_mock.app(user_claims=users)), profiles)


@contextmanager
def served(app: Wsgi) -> Iterator[str]:
    """Serve `app` on a free port of the loopback address while the context lasts; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
