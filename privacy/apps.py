from typing import Any

from celery.signals import worker_ready
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_ERASE_SECONDS = 600.0


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        worker_ready.connect(_start_erasing)


def _start_erasing(**_about: Any) -> None:
    from batches.periodic import Job, start_thread
    from privacy import deletion

    # In its own thread, because it calls Stripe.
    start_thread("deletion", [Job(deletion.erase_due, _ERASE_SECONDS)])
