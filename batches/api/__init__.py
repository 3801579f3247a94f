"""REST for customers' programs: the same forms, verbs and reads as the pages."""

from batches.api import archives, images, offer, reading, submitting, verbs
from batches.api.router import router

__all__ = ["archives", "images", "offer", "reading", "router", "submitting", "verbs"]
