"""The project package: wiring only."""

from imagesinbulk.celery import app as celery_app
from imagesinbulk.sqlite.rate_limits import SQLiteStorage

# `limits` finds the class of an address that begins with sqlite: once it exists.
__all__ = ["SQLiteStorage", "celery_app"]
