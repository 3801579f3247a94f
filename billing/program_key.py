"""Authentication of the REST API for customers: the key, the plan and the rate limit."""

from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.keys.auth import KeyAuth
from accounts.models import ApiKey
from billing.entitlements import has_api, plan_read_with
from lib.body_size import body_bytes
from rest import request_limits
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
        """Raises `Problem`, and what `KeyAuth` raises."""
        key = super().__call__(request)
        if not has_api(key.user, plan_read_with(key.user)):
            raise Problem(
                "plan_without_api",
                gettext("Your plan does not include API access. Choose a paid plan or buy a pack to use the API."),
            )
        return key

    def check_limit(self, request: HttpRequest, key: ApiKey) -> None:
        plan = plan_read_with(key.user)
        cost = request_limits.cost_of(body_bytes(request))
        standing = request_limits.count(key.public_id, plan.requests_per_minute, cost)
        request.answer_headers = standing.as_headers()  # type: ignore[attr-defined]
        if not standing.is_allowed:
            sentence = gettext("Your plan allows %(limit)s requests per minute. Try again in %(seconds)s seconds.")
            figures = {"limit": standing.limit, "seconds": standing.reset_seconds}
            raise Problem("too_many_requests", sentence % figures)
