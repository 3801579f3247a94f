"""The WSGI entry point: `application` for gunicorn and LiteSpeed."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

from imagesinbulk.handler import Handler
from lib import memory
from operations.checks import refuse_wrong_settings

# The memory of a decoded photo goes back to the system. By itself, glibc would keep some in each thread.
memory.set_malloc_option(memory.M_MMAP_THRESHOLD, 1_000_000)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")
try:
    with memory.excluded_from_garbage_collection():
        django.setup(set_prefix=False)
        refuse_wrong_settings()
        # Otherwise each process would import all views at its first request.
        import imagesinbulk.urls  # noqa: F401
except ImproperlyConfigured as error:
    sys.stderr.write(f"The settings are wrong: {error}\n")
    # gunicorn stops at 3. At any other status, without preload_app, it would start its workers again and again.
    sys.exit(3)
application = Handler()
