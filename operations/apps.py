from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from celery.signals import worker_ready

        from operations import checks  # noqa: F401
        from operations.customers import roles
        from operations.monitoring import jobs

        post_migrate.connect(roles.write_groups)
        worker_ready.connect(jobs.start)
