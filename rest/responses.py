"""The responses that an operation declares: status, error code and example of each."""

from typing import Any

from rest.problems import KINDS, ProblemDocument

#: Errors of every operation.
ALWAYS = (
    "bad_request", "missing_key", "invalid_key", "revoked_key", "expired_key", "scope_missing", "plan_without_api",
    "body_too_large", "too_many_requests", "unavailable",
)  # fmt: skip
#: Errors of operations that take a body.
WITH_BODY = ("invalid_json", "not_json", "invalid")
#: Errors of operations that take an Idempotency-Key.
WITH_KEY = ("idempotency_key_reused", "idempotency_key_in_progress", "invalid")
#: Errors of operations that hold credits.
WITH_CREDITS = ("not_enough_credits", "negative_balance", "key_limit_reached")


def answers(*codes: str, responses: dict[int, Any] | None = None, **given: Any) -> dict[str, Any]:
    """Return keyword arguments for an operation of django-ninja.

    `given` names the schemas, as in `ok=Schema` or `empty=None`; `codes` are those of `KINDS`; `responses` has
    more of the OpenAPI description of each status.
    """
    names = {"ok": 200, "created": 201, "empty": 204, "part": 206, "unchanged": 304}
    possible = [code for code in KINDS if code in {*ALWAYS, *codes}]
    return {
        "response": {
            **{names[name]: schema for name, schema in given.items()},
            **dict.fromkeys(sorted({KINDS[code][0] for code in possible}), ProblemDocument),
        },
        "openapi_extra": {"x-problems": possible, **({"responses": responses} if responses else {})},
    }
