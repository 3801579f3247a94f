"""Django's entry for the operations app."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Running the site as one set of processes."""

    name = "operations"
