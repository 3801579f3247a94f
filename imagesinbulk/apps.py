"""Django's entry for the admin, on our own site."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """The admin with the operators' site as its default one."""

    default_site = "operations.admin_site.OperatorsSite"
