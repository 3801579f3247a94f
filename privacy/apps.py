from typing import Any

from celery.signals import worker_ready
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_ERASE_SECONDS = 600.0
_RETENTION_SECONDS = 3600.0


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        worker_ready.connect(_start_jobs)


def _start_jobs(**_about: Any) -> None:
    from batches.periodic import Job, start_thread
    from privacy import deletion, retention

    # In its own thread, because it calls Stripe.
    jobs = [Job(deletion.erase_due, _ERASE_SECONDS), Job(retention.delete_scheduled, _RETENTION_SECONDS)]
    start_thread("privacy", jobs)
