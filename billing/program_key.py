"""Authentication of the REST API for customers: the key, the plan and the rate limit."""

from django.http import HttpRequest

from accounts.keys.auth import KeyAuth
from accounts.models import ApiKey
from billing.entitlements import has_api, plan_read_with
from rest.problems import Problem


class ProgramRequest(HttpRequest):
    """A request that `ProgramKey` has authenticated, for type checkers only."""

    auth: ApiKey
    #: Headers of the response, whatever its status.
    answer_headers: dict[str, str]


class ProgramKey(KeyAuth):
    """An API key with `scope` whose owner's plan has the API, within the plan's requests a minute."""

    related = ("user__membership",)

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Return the key; raises `Problem`."""
        key = super().__call__(request)
        if not has_api(key.user, plan_read_with(key.user)):
            detail = "Your plan does not include API access. Choose a paid plan or buy a pack to use the API."
            raise Problem("plan_without_api", detail)
        return key

    def requests_per_minute(self, key: ApiKey) -> int:
        return plan_read_with(key.user).requests_per_minute
