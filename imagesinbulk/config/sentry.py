"""Sentry, without what its defaults send: variables of frames, messages of exceptions, bodies, cookies and headers."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from imagesinbulk.config.logs import described
from lib import log_context

#: Fields of an event that are left out. The others describe the machine and the versions.
_ABOUT_CUSTOMERS = ("user", "extra", "breadcrumbs", "threads")


def start(dsn: str) -> None:
    try:
        import sentry_sdk
    except ImportError as error:
        raise ImproperlyConfigured("SENTRY_DSN is set: install requirements-sentry.txt.") from error
    sentry_sdk.init(**options(dsn))


def options(dsn: str) -> dict[str, Any]:
    return {
        "dsn": dsn,
        "send_default_pii": False,
        "include_local_variables": False,
        "include_source_context": False,
        "max_request_body_size": "never",
        "max_breadcrumbs": 0,
        "traces_sample_rate": 0,
        "before_send": scrub,
    }


def scrub(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """Return the event without texts of customers, and with the ids of request and batch."""
    for name in _ABOUT_CUSTOMERS:
        event.pop(name, None)
    if "request" in event:
        request = event["request"]
        event["request"] = {"method": request.get("method"), "url": request.get("url")}
    if "logentry" in event:
        # Only the message with its placeholders.
        event["logentry"] = {"message": event["logentry"].get("message", "")}
    error = hint["exc_info"][1] if hint.get("exc_info") else None
    for value in event.get("exception", {}).get("values", ()):
        value["value"] = described(error) if error and type(error).__name__ == value.get("type") else ""
    event["tags"] = {**event.get("tags", {}), **log_context.current()}
    return event
