"""Logging to the console; the service manager stores it."""

import logging
import threading
from typing import Any

#: Each line of these is about another request, or was printed by a worker (mails, in a clone), so all are logged.
_ALWAYS_LOGGED = ("security", "django.security", "django.request", "celery.redirected")
_LONGEST_TABLE = 1000


class OncePerMinute(logging.Filter):
    """Let one warning of each kind pass per minute, with the number of those that it stands for.

    When a server is away, each of hundreds of threads logs each of its attempts.
    """

    def __init__(self, seconds: float = 60) -> None:
        super().__init__()
        self._seconds = seconds
        self._lock = threading.Lock()
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        is_always_logged = record.name.startswith(_ALWAYS_LOGGED) and record.levelno < logging.ERROR
        if record.levelno < logging.WARNING or is_always_logged:
            return True
        # Not the arguments, which name the batch or the attempt.
        kind = (record.name, str(record.msg), _place(record))
        with self._lock:
            if len(self._seen) > _LONGEST_TABLE:
                self._seen.clear()
            logged_at, more_count = self._seen.get(kind, (0.0, 0))
            if record.created - logged_at < self._seconds:
                self._seen[kind] = (logged_at, more_count + 1)
                return False
            self._seen[kind] = (record.created, 0)
        if more_count:
            record.msg, record.args = f"{record.getMessage()} (and {more_count} more like this)", ()
        return True


def _place(record: logging.LogRecord) -> object:
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace and (trace.tb_frame.f_code.co_filename, trace.tb_lineno)


def console_logging(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "filters": {"once_per_minute": {"()": OncePerMinute}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["once_per_minute"]}
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # Sign-ins are logged even if LOG_LEVEL is higher.
            "security": {"level": "INFO"},
            # Stripe's SDK logs every call.
            "stripe": {"level": "WARNING"},
        },
    }
