"""The batches app: the product itself."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BatchesConfig(AppConfig):
    """Lists of prompts in, finished pictures out."""

    name = "batches"
    verbose_name = _("Batches")
