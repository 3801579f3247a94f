"""Exception handlers of the REST API: problem documents, and the own format of the billing endpoints."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from billing.refusals import Refusal, TooManyStarts
from rest.problems import Problem, fault

logger = logging.getLogger(__name__)

#: Restarting a database takes seconds.
_RETRY_SOON = {"Retry-After": "5"}


def add_handlers(api: NinjaAPI) -> None:
    for kind in (Problem, Refusal, ValidationError, HttpError, Http404, OperationalError, InterfaceError):
        api.add_exception_handler(kind, answer)


def answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    problem = problem_of(error)
    if request.path.startswith("/api/v1/billing/"):
        return _of_billing(problem)
    return problem.as_response()


def problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Refusal():
            return _of_refusal(error)
        case ValidationError():
            faults = [_fault(each) for each in error.errors]
            return Problem("invalid", "The request isn't valid. See errors.", errors=faults)
        case Http404():
            return Problem("not_found")
        case OperationalError() | InterfaceError():
            logger.error("the database failed: %s", error)
            detail = "The database is unavailable. Try again in a few seconds."
            return Problem("unavailable", detail, headers=_RETRY_SOON)
        case HttpError() if error.status_code == 400:
            return Problem("invalid_json", "The body isn't valid JSON, is nested too deeply or has too many values.")
    return Problem("bad_request", str(error))


def _of_refusal(refusal: Refusal) -> Problem:
    headers, errors = {}, []
    if isinstance(refusal, TooManyStarts):
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    if refusal.field:
        errors.append(fault(refusal.field, refusal.code, refusal.sentence))
    return Problem(refusal.code, refusal.sentence, status=refusal.status, errors=errors, headers=headers)


def _fault(error: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an error of pydantic, whose `loc` has the source, the argument, and the path in the body."""
    where, code, message = error["loc"], str(error["type"]), str(error["msg"])
    path = list(where[2:]) if where[:1] == ("body",) else list(where[1:])
    if len(path) > 1 and path[0] == "prompts" and isinstance(path[1], int):
        return fault(str(path[2]) if len(path) > 2 else "prompt", code, message, row=path[1] + 1)
    return fault(".".join(map(str, path)) or "body", code, message)


def _of_billing(problem: Problem) -> HttpResponse:
    faults = "; ".join(f"{each['field']}: {each['message']}" for each in problem.errors)
    status = 400 if problem.status == 422 else problem.status
    body = {"success": False, "error": faults or problem.detail, "code": problem.code}
    return JsonResponse(body, status=status, headers=problem.headers)
