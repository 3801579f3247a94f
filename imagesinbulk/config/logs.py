"""Logging to the console; the service manager stores it."""

import json
import logging
import threading
import traceback
from datetime import UTC, datetime
from typing import Any

from django.db.utils import OperationalError

from lib import log_context

#: Each line of these is about another request, or was printed by a worker (mails, in a clone), so all are logged.
_ALWAYS_LOGGED = ("security", "django.security", "django.request", "celery.redirected")
_LONGEST_TABLE = 1000
#: The fields of `extra` that are logged as JSON. Others may be about a customer.
_EXTRAS = ("audit", "batch", "code", "position", "seconds", "status_code")


class OncePerMinute(logging.Filter):
    """Let one warning of each kind pass per minute, with the number of those that it stands for.

    When a server can't be reached, hundreds of threads would each log every attempt.
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


class JsonFormatter(logging.Formatter):
    """One JSON object per line. Messages of exceptions are left out, because they may quote a prompt or an address."""

    def format(self, record: logging.LogRecord) -> str:
        extras = {name: record.__dict__[name] for name in _EXTRAS if name in record.__dict__}
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            # The audit trail's text is the same as its fields.
            "message": "" if "audit" in extras else record.getMessage(),
            **log_context.current(),
            **extras,
        }
        if record.exc_info and (error := record.exc_info[1]):
            entry["error"] = described(error)
            frames = traceback.extract_tb(error.__traceback__)
            entry["stack"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(entry, default=str)


def described(error: BaseException) -> str:
    """Return the type of the error, with its message only if that is about a server or a disk."""
    detail = str(error) if isinstance(error, OperationalError) else getattr(error, "strerror", "")
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


def console_logging(level: str, log_format: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "filters": {"once_per_minute": {"()": OncePerMinute}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": log_format, "filters": ["once_per_minute"]}
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
