"""Periodic jobs. They run in separate threads, so that long calls in the worker's pool don't delay them.

Every worker runs all of them; only one of all workers reconciles with Stripe. It's safe to run a job twice, or at the
same time as another worker.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import close_old_connections
from redis.exceptions import RedisError

from accounts.audit import retention as audit_retention
from accounts.keys import idempotency
from batches.delivery import storage
from batches.editing import edits
from batches.emails import due
from batches.references import uploads
from batches.runs import heartbeat, moderation, sweep
from batches.webhooks import sender
from billing.credits import renewals
from billing.stripe import reconcile

logger = logging.getLogger(__name__)

EXPIRE_SECONDS = 600.0
RESET_SECONDS = 600.0
EMAIL_SECONDS = 15.0
WEBHOOK_SECONDS = 1.0
MODERATION_SECONDS = 1.0


@dataclass
class Job:
    """A function to run every `interval_seconds`; `due_at` is a time of the monotonic clock."""

    run: Callable[[], object]
    interval_seconds: float
    due_at: float = 0.0

    def attempt(self) -> None:
        """Run the job. If a server or disk is unavailable, it is retried after its interval."""
        try:
            close_old_connections()
            self.run()
        except (AnyDatabaseError, RedisError, OSError):
            logger.warning("%s failed", self.run.__qualname__, exc_info=True)
        except Exception:
            # A bug in one job must not end the thread: it also runs the sweep, and batches could wait forever.
            logger.exception("%s has a fault", self.run.__qualname__)


def start() -> None:
    jobs = [
        Job(sweep.sweep, settings.SWEEP_SECONDS),
        Job(storage.expire_images, EXPIRE_SECONDS),
        Job(uploads.delete_unused, EXPIRE_SECONDS),
        Job(edits.delete_unneeded, EXPIRE_SECONDS),
        Job(renewals.reset_quotas, RESET_SECONDS),
        Job(sender.purge, EXPIRE_SECONDS),
        Job(idempotency.delete_expired, RESET_SECONDS),
        Job(audit_retention.delete_old, RESET_SECONDS),
    ]
    start_thread("schedule", jobs)
    # In its own thread, because deleting many images takes longer than a worker counts as alive.
    start_thread("heartbeat", [Job(heartbeat.beat, heartbeat.INTERVAL_SECONDS)])
    # In its own thread, because it makes many calls to Stripe. It first runs some minutes after the start.
    payments = Job(reconcile.reconcile_if_sold, reconcile.EVERY_SECONDS, due_at=time.monotonic() + EXPIRE_SECONDS)
    start_thread("reconcile", [payments])
    # In its own thread, because each call can take seconds.
    start_thread("moderation", [Job(moderation.check_ahead, MODERATION_SECONDS)])
    # In its own thread, because mail servers can be slow.
    start_thread("emails", [Job(due.send_due, EMAIL_SECONDS)])
    # In its own thread, because customers' servers can be slow.
    start_thread("webhooks", [Job(sender.Sender().run, WEBHOOK_SECONDS)])


def start_thread(name: str, jobs: list[Job]) -> None:
    """Run the jobs, one after the other, until the process ends."""
    threading.Thread(target=_run_for_ever, args=[jobs], name=name, daemon=True).start()


def _run_for_ever(jobs: list[Job]) -> None:
    while True:
        for job in jobs:
            if job.due_at <= time.monotonic():
                job.due_at = time.monotonic() + job.interval_seconds
                job.attempt()
        time.sleep(max(0.0, min(job.due_at for job in jobs) - time.monotonic()))
