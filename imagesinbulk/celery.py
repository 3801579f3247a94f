"""The task engine: Celery on threads, the same in a clone and in production (docs/decisions/0001).

A message is only a hint that a batch can go on. The database is the truth.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")

app = Celery("imagesinbulk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
