"""The sandbox as a WSGI application; `run_sandbox` serves it in one process, because its state is in memory."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")

application = get_wsgi_application()
