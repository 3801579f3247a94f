"""Where log lines go: all of them to the console, which the service manager stores."""

from typing import Any


def console_logging(level: str) -> dict[str, Any]:
    """Return Django's `LOGGING` for lines of at least this level."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # A quiet site still says who signed in.
            "security": {"level": "INFO"},
            # Stripe's SDK logs every call.
            "stripe": {"level": "WARNING"},
        },
    }
