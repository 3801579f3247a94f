"""The WSGI entry point: `application` for gunicorn and LiteSpeed."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")

application = get_wsgi_application()
