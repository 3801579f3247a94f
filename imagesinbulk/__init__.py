"""The project package: settings and wiring."""

from imagesinbulk.celery import app as celery_app

__all__ = ["celery_app"]
