"""REST for customers' programs: the same forms, verbs and reads as the pages."""

from batches.api import images, offer, reading, submitting, verbs
from batches.api.router import router

__all__ = ["images", "offer", "reading", "router", "submitting", "verbs"]
