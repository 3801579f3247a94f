"""Problems: how the REST API says what went wrong, as documents of RFC 9457 in English."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import JsonResponse
from django.urls import reverse
from ninja import Schema

CONTENT_TYPE = "application/problem+json"

#: Status and title of each kind, by its code. The docs page lists them.
KINDS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request cannot be read"),
    "invalid_json": (400, "The body is not JSON"),
    "missing_key": (401, "No API key"),
    "invalid_key": (401, "The API key is not valid"),
    "revoked_key": (401, "The API key was revoked"),
    "expired_key": (401, "The API key has expired"),
    "not_enough_credits": (402, "Not enough credits"),
    "negative_balance": (402, "The balance is below zero"),
    "key_limit_reached": (402, "The API key has used its credits of the month"),
    "scope_missing": (403, "The API key may not do this"),
    "plan_without_api": (403, "The plan has no API"),
    "not_found": (404, "There is no such thing"),
    "method_not_allowed": (405, "This method is not possible here"),
    "wrong_state": (409, "The batch is not in a state that allows this"),
    "idempotency_key_reused": (409, "The Idempotency-Key was used for another request"),
    "idempotency_key_in_progress": (409, "The first request with this Idempotency-Key is still under way"),
    "image_gone": (410, "The server does not have this image any more"),
    "body_too_large": (413, "The body is too large"),
    "not_json": (415, "The body must be JSON"),
    "range_not_satisfiable": (416, "The image has no such bytes"),
    "invalid": (422, "The request is not valid"),
    "list_too_long": (422, "The list is too long for the plan"),
    "text_limit_reached": (422, "The plan stores no more text"),
    "too_many_starts": (429, "Too many batches were started"),
    "too_many_requests": (429, "Too many requests"),
    "server_error": (500, "The server has a fault"),
    "unavailable": (503, "The server cannot answer at the moment"),
}


class RequestFault(Schema):
    """One thing that is wrong with a request; `row` is the position in the list, from 1."""

    row: int | None
    field: str
    code: str
    message: str


class ProblemDocument(Schema):
    """What went wrong (RFC 9457); `type` leads to its explanation, `errors` names what is wrong with the request."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[RequestFault]


class Problem(Exception):
    """The request cannot be answered as asked; `code` is one of `KINDS`."""

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
        """Return the document."""
        return {
            "type": reverse("api_docs", fragment=self.code),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": self.errors,
        }

    def as_response(self) -> JsonResponse:
        """Return the answer."""
        return JsonResponse(self.as_dict(), status=self.status, headers=self.headers, content_type=CONTENT_TYPE)


def fault(field: str, code: str, message: str, row: int | None = None) -> dict[str, Any]:
    """Return one entry of `errors`."""
    return {"row": row, "field": field, "code": code, "message": message}
