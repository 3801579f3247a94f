"""Logging to the console; the service manager stores it."""

from typing import Any


def console_logging(level: str) -> dict[str, Any]:
    """Return Django's `LOGGING` for messages of at least this level."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # Sign-ins are logged even if LOG_LEVEL is higher.
            "security": {"level": "INFO"},
            # Stripe's SDK logs every call.
            "stripe": {"level": "WARNING"},
        },
    }
