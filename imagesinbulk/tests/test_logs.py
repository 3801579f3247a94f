import logging

from imagesinbulk.config.logs import OncePerMinute


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
