"""Authentication of the REST API: `Authorization: Bearer iib_…`, and the scope that an operation needs."""

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer

from accounts.keys import api_keys, usage
from accounts.models import ApiKey


class NotAuthenticated(AuthenticationError):
    """401: no key, or one that is not valid. `code` is for programs, `sentence` for people."""

    def __init__(self, code: str = "missing_key", sentence: str | Promise = "") -> None:
        super().__init__(message=code)
        self.code = code
        self.sentence = sentence or _("Send an API key: Authorization: Bearer iib_…")


class ScopeMissing(AuthorizationError):
    """403: the key is valid but lacks this scope."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(message=scope)
        self.scope = scope

    @property
    def sentence(self) -> str:
        return gettext("This API key does not have the scope %(scope)s.") % {"scope": self.scope}


class KeyAuth(HttpBearer):
    """Accepts keys with `scope`, or any key if it is empty. The key is `request.auth`."""

    #: Passed to `select_related` with the key.
    related: tuple[str, ...] = ()

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Return the key; raises `NotAuthenticated`, `ScopeMissing` and what `check_limit` raises."""
        key: ApiKey | None = super().__call__(request)
        if key is None:
            raise NotAuthenticated
        # Before the scope is checked, so that refused calls count as well.
        self.check_limit(request, key)
        if self.scope and self.scope not in key.scopes:
            raise ScopeMissing(self.scope)
        return key

    def check_limit(self, request: HttpRequest, key: ApiKey) -> None:
        """Hook: count the call, and raise a problem if the key makes too many."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Return the key; raises `NotAuthenticated`."""
        try:
            key = api_keys.find(token, *self.related)
        except api_keys.KeyRefused as refused:
            raise NotAuthenticated(refused.code, refused.sentence) from refused
        key.touch()
        usage.count(key)
        return key
