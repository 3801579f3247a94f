"""The REST API of batches. It uses the same forms and actions as the pages."""

from batches.api import account, archives, images, read, references, review, submit, verbs  # noqa: F401  (they register their operations)
from batches.api.router import router

__all__ = ["router"]
