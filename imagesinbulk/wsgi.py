"""The WSGI entry point: `application` for gunicorn and LiteSpeed."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

from imagesinbulk.handler import Handler
from operations.checks import refuse_wrong_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")
try:
    django.setup(set_prefix=False)
    refuse_wrong_settings()
except ImproperlyConfigured as error:
    sys.exit(f"The settings are wrong: {error}")
application = Handler()
