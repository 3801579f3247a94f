"""Redirects users whose account will be deleted to the page that says so."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

from accounts.requests import SignedInRequest

#: Signing out and proving who it is, which undoing and downloading the data may need, and pages for everybody.
_ALLOWED_APPS = {"privacy", "legal"}
_ALLOWED_PAGES = {"account_logout", "set_language", "healthz", "pricing"}


class PendingDeletionMiddleware(MiddlewareMixin):
    def process_view(self, request: SignedInRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.app_name in _ALLOWED_APPS or _is_allowed(match.url_name or ""):
            return None
        # Without a session cookie the user is not looked up.
        is_pending = request.session.session_key and getattr(request.user, "delete_at", None)
        return redirect("privacy:index") if is_pending else None


def _is_allowed(name: str) -> bool:
    return name in _ALLOWED_PAGES or "reauthenticate" in name
