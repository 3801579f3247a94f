"""The REST API: joins the apps' routers below /api/v1/."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accounts.key_auth import ScopeMissing
from billing.api import NotAllowed
from billing.api import router as billing

# Without its own docs page, which loads scripts from elsewhere.
api = NinjaAPI(title="Images in bulk", version="1", docs_url=None)
api.add_router("/billing", billing)


def _failure(request: HttpRequest, error: str, status: int) -> HttpResponse:
    return api.create_response(request, {"success": False, "error": error}, status=status)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name each field that is wrong."""
    faults = "; ".join(f"{_field(each)}: {each['msg']}" for each in error.errors)
    return _failure(request, faults, 400)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Say that the body is no JSON."""
    return _failure(request, str(error), error.status_code)


@api.exception_handler(AuthenticationError)
def no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Ask for a key."""
    return _failure(request, "Send a valid key: Authorization: Bearer iib_…", 401)


@api.exception_handler(ScopeMissing)
@api.exception_handler(NotAllowed)
def not_allowed(request: HttpRequest, error: ScopeMissing | NotAllowed) -> HttpResponse:
    """Tell that another key is needed."""
    return _failure(request, "This needs the key of an operator with the scope billing.", 403)


def _field(fault: dict[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"] if part not in ("body", "header")) or "body"
