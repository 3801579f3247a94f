"""REST for customers' programs: the same forms, verbs and reads as the pages."""

from batches.api import account, archives, images, read, submit, verbs  # noqa: F401  (they add their operations)
from batches.api.router import router

__all__ = ["router"]
