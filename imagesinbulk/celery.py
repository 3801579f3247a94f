"""Celery on threads, the same in a clone and in production (docs/decisions/0001).

A message only says that a batch may continue; its state is in the database.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")
# `run_worker` has checked the settings. Celery would run all checks of Django, which import the pages.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("imagesinbulk")
app.config_from_object("imagesinbulk.config.celery")
app.autodiscover_tasks()
