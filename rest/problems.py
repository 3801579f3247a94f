"""The errors of the REST API, as documents of RFC 9457 in English."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import JsonResponse
from django.urls import reverse
from ninja import Schema

CONTENT_TYPE = "application/problem+json"

#: Status and title of each kind, by its code. The docs page lists them.
KINDS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request can't be read"),
    "invalid_json": (400, "The body isn't valid JSON"),
    "missing_key": (401, "API key missing"),
    "invalid_key": (401, "The API key isn't valid"),
    "revoked_key": (401, "The API key was revoked"),
    "expired_key": (401, "The API key has expired"),
    "not_enough_credits": (402, "Not enough credits"),
    "negative_balance": (402, "The credit balance is negative"),
    "key_limit_reached": (402, "The API key has reached its monthly credit limit"),
    "scope_missing": (403, "The API key doesn't have the required scope"),
    "plan_without_api": (403, "The plan doesn't include API access"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "wrong_state": (409, "The batch's status doesn't allow this"),
    "references_gone": (409, "Reference photos are no longer on the server"),
    "idempotency_key_reused": (409, "The Idempotency-Key was already used for a different request"),
    "idempotency_key_in_progress": (409, "The first request with this Idempotency-Key is still in progress"),
    "image_gone": (410, "The image is no longer on the server"),
    "body_too_large": (413, "The body is too large"),
    "not_json": (415, "The body must be JSON"),
    "range_not_satisfiable": (416, "The range is outside the image"),
    "invalid": (422, "The request isn't valid"),
    "list_too_long": (422, "The list is too long for your plan"),
    "text_limit_reached": (422, "The plan stores no more text"),
    "too_many_references": (422, "Too many reference photos in no batch"),
    "too_many_starts": (429, "Too many new batches"),
    "too_many_requests": (429, "Too many requests"),
    "server_error": (500, "Server error"),
    "unavailable": (503, "The server is temporarily unavailable"),
}


class RequestFault(Schema):
    """One thing that is wrong with a request; `row` is the position in the list, from 1."""

    row: int | None
    field: str
    code: str
    message: str


class ProblemDocument(Schema):
    """What went wrong (RFC 9457). `type` links to the documentation; `errors` lists what is wrong with the request."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[RequestFault]


class Problem(Exception):
    """Raised to answer with an error; `code` is one of `KINDS`."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        usual_status, self.title = KINDS.get(code, (400, code.replace("_", " ").capitalize()))
        self.code = code
        self.status = status or usual_status
        self.detail = detail or f"{self.title}."
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def as_dict(self) -> dict[str, Any]:
        return {
            "type": reverse("api_docs", fragment=self.code),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": self.errors,
        }

    def as_response(self) -> JsonResponse:
        return JsonResponse(self.as_dict(), status=self.status, headers=self.headers, content_type=CONTENT_TYPE)


def fault(field: str, code: str, message: str, row: int | None = None) -> dict[str, Any]:
    """Return one entry of `errors`."""
    return {"row": row, "field": field, "code": code, "message": message}
