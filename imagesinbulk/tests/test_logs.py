import json
import logging
from datetime import datetime
from smtplib import SMTPRecipientsRefused

import pytest
from django.db import IntegrityError, OperationalError

from imagesinbulk.config.logs import JsonFormatter, OncePerMinute
from lib import log_context


def passed(
    log: OncePerMinute, at: int, message: str = "%s is tried again", name: str = "batches", level: int = logging.WARNING
) -> str:
    """Return the line that is logged, or nothing."""
    record = logging.LogRecord(name, level, __file__, 1, message, (at,), None)
    record.created = 1e9 + at
    return record.getMessage() if log.filter(record) else ""


def test_an_outage_is_one_line_per_minute_with_the_number_of_the_others() -> None:
    log = OncePerMinute()
    lines = [passed(log, at) for at in (0, 1, 2, 59, 60, 61)]
    assert lines == ["0 is tried again", "", "", "", "60 is tried again (and 3 more like this)", ""]


def test_other_faults_are_logged_meanwhile() -> None:
    log = OncePerMinute()
    assert passed(log, 0)
    assert passed(log, 1, "the broker is away (%s)")
    assert passed(log, 2, name="billing")


def test_what_is_no_warning_and_lines_about_requests_are_all_logged() -> None:
    log = OncePerMinute()
    assert all(passed(log, at, level=logging.INFO) for at in range(3))
    assert all(passed(log, at, "Not Found: %s", "django.request") for at in range(3))
    assert all(passed(log, at, name=name) for name in ("security", "celery.redirected") for at in range(3))


def test_pages_that_fail_for_the_same_reason_are_logged_once() -> None:
    log = OncePerMinute()
    lines = [passed(log, at, "Internal Server Error: %s", "django.request", level=logging.ERROR) for at in range(3)]
    assert [bool(line) for line in lines] == [True, False, False]


def as_json(message: str, *args: object, error: BaseException | None = None, **extra: object) -> dict[str, str]:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("batches", logging.ERROR, __file__, 1, message, args, exc_info)
    vars(record).update(extra)
    return dict(json.loads(JsonFormatter().format(record)))


def test_a_line_of_json_has_the_ids_and_only_the_extras_that_are_allowed() -> None:
    log_context.begin(request="r1")
    log_context.add(batch="b1")
    line = as_json("%s failed", "it", position=3, prompt="a secret")
    time = line.pop("time")
    assert datetime.fromisoformat(time).tzinfo is not None
    ids = {"request": "r1", "batch": "b1"}
    assert line == {"level": "ERROR", "logger": "batches", "message": "it failed", "position": 3, **ids}
    log_context.begin(request="r2")
    assert "batch" not in as_json("next")


@pytest.mark.parametrize(
    ("error", "described"),
    [
        (ValueError("a secret"), "ValueError"),
        (IntegrityError("Duplicate entry 'alice@example.org'"), "IntegrityError"),
        (OperationalError("server has gone away"), "OperationalError: server has gone away"),
        (OSError(28, "No space left on device", "/secret"), "OSError: No space left on device"),
        (SMTPRecipientsRefused({"alice@example.org": (550, b"no")}), "SMTPRecipientsRefused"),
    ],
)
def test_messages_of_errors_that_may_quote_a_customer_are_left_out(error: Exception, described: str) -> None:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001  (any)
        line = as_json("failed", error=caught)
    assert line["error"] == described
    assert "secret" not in str(line)
    assert line["stack"][0].endswith("test_messages_of_errors_that_may_quote_a_customer_are_left_out")
