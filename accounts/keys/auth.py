"""The door of the REST API: `Authorization: Bearer iib_…`, and the scope that an operation needs."""

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer

from accounts.keys import api_keys, usage
from accounts.models import ApiKey


class NotAuthenticated(AuthenticationError):
    """401: no key, or one that lets nobody in. `code` is for programs, `sentence` for people."""

    def __init__(self, code: str = "missing_key", sentence: str | Promise = "") -> None:
        super().__init__(message=code)
        self.code = code
        self.sentence = sentence or _("Send an API key: Authorization: Bearer iib_…")


class ScopeMissing(AuthorizationError):
    """403: the key is right but may not do this."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(message=scope)
        self.scope = scope

    @property
    def sentence(self) -> str:
        """Return which scope is missing, in the language of the moment."""
        return gettext("This API key does not have the scope %(scope)s.") % {"scope": self.scope}


class KeyAuth(HttpBearer):
    """Lets in a key that has `scope`, or any key where none is named; the key is `request.auth`."""

    #: What is read with the key, in the same query.
    related: tuple[str, ...] = ()

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Return the key; raises `NotAuthenticated`, `ScopeMissing` and what `check_limit` raises."""
        key: ApiKey | None = super().__call__(request)
        if key is None:
            raise NotAuthenticated
        # Before anything else that may refuse the call, so that refused calls count as well.
        self.check_limit(request, key)
        if self.scope and self.scope not in key.scopes:
            raise ScopeMissing(self.scope)
        return key

    def check_limit(self, request: HttpRequest, key: ApiKey) -> None:
        """Count the call in the key's requests a minute; subclasses raise a problem when there are too many."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Return the key of that text; raises `NotAuthenticated`."""
        try:
            key = api_keys.find(token, *self.related)
        except api_keys.KeyRefused as refused:
            raise NotAuthenticated(refused.code, refused.sentence) from refused
        key.touch()
        usage.count(key)
        return key
