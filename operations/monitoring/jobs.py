"""What every worker does for operators, in addition to the jobs of `batches.periodic`."""

from batches import periodic
from batches.periodic import Job
from operations.dashboard import daily
from operations.monitoring import alarms, clocks


def start(**kwargs: object) -> None:
    """Start the threads when the worker is ready. Signal receivers must accept keyword arguments."""
    periodic.start_thread("figures", [Job(daily.update, daily.EVERY_SECONDS)])
    checks = (clocks.note_worker, alarms.check, alarms.check_ledger)
    periodic.start_thread("alarms", [Job(check, alarms.EVERY_SECONDS) for check in checks])
