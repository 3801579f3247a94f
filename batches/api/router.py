"""The router of all operations of batches, and their authentication.

All use the same router, because Ninja returns 405 if another router has the same path with a different method.
"""

from ninja import Router

from accounts.models import ApiKey
from billing.program_key import ProgramKey

router = Router()
MAY_READ = ProgramKey(ApiKey.Scope.BATCHES_READ)
MAY_WRITE = ProgramKey(ApiKey.Scope.BATCHES_WRITE)
MAY_READ_USAGE = ProgramKey(ApiKey.Scope.USAGE_READ)
