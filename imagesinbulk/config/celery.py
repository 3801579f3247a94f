"""Celery's settings (docs/decisions/0001). The broker memory:// is inside the single worker process of a clone."""

from django.conf import settings


def _transport_options(url: str) -> dict[str, object]:
    if url.startswith("memory://"):
        return {"polling_interval": 0.1}
    if url.startswith("redis"):
        return {
            "visibility_timeout": 900,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "max_connections": 300,
            "socket_keepalive": True,
            "health_check_interval": 25,
        }
    return {"confirm_publish": True}


broker_url = settings.BROKER_URL
broker_transport_options = _transport_options(broker_url)
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
task_acks_late = True
task_reject_on_worker_lost = True
task_ignore_result = True
task_publish_retry_policy = {"max_retries": 3, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
task_default_queue = "imagesinbulk"
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = False
worker_hijack_root_logger = False
worker_enable_remote_control = False
timezone = "UTC"
# Celery must not close the database connection after each task; `batches.runs.turns` does it when needed. It reads
# this setting by its old name only.
CELERY_DB_REUSE_MAX = 1_000_000_000
