from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Stand-ins that speak the protocols of paid services, served by a process of their own."""

    name = "sandbox"
