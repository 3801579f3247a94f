"""Authentication of the REST API: `Authorization: Bearer iib_…`, and the scope that an operation needs."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts.keys import api_keys, usage
from accounts.models import ApiKey
from lib.body_size import body_bytes
from rest import request_limits
from rest.problems import Problem

_BEARER = {"WWW-Authenticate": "Bearer"}


class KeyAuth(HttpBearer):
    """Accepts keys with `scope`, or any key if it is empty. The key is `request.auth`."""

    #: Passed to `select_related` with the key.
    related: tuple[str, ...] = ()

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Return the key; raises `Problem`."""
        key: ApiKey | None = super().__call__(request)
        if key is None:
            raise Problem("missing_key", "Send an API key: Authorization: Bearer iib_…", headers=_BEARER)
        # Before the scope is checked, so that refused calls count as well.
        self._count(request, key)
        if self.scope and self.scope not in key.scopes:
            raise Problem("scope_missing", f"This API key does not have the scope {self.scope}.")
        return key

    def requests_per_minute(self, key: ApiKey) -> int:
        # For customers, their plan says how many.
        return 600

    def _count(self, request: HttpRequest, key: ApiKey) -> None:
        cost = request_limits.cost_of(body_bytes(request))
        standing = request_limits.count(key.public_id, self.requests_per_minute(key), cost)
        request.answer_headers = standing.as_headers()  # type: ignore[attr-defined]
        if not standing.is_allowed:
            limit, seconds = standing.limit, standing.reset_seconds
            detail = f"The limit is {limit} requests per minute. Try again in {seconds} seconds."
            raise Problem("too_many_requests", detail)

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Return the key; raises `Problem`."""
        try:
            key = api_keys.find(token, *self.related)
        except api_keys.KeyRefused as refused:
            raise Problem(refused.code, refused.sentence, headers=_BEARER) from refused
        key.touch()
        usage.count(key)
        return key
