"""The one router of the product's operations, and the doors to them.

One, because ninja answers 405 to a method of a path that stands in another router.
"""

from ninja import Router

from accounts.models import ApiKey
from billing.program_key import ProgramKey

router = Router()
MAY_READ = ProgramKey(ApiKey.Scope.BATCHES_READ)
MAY_WRITE = ProgramKey(ApiKey.Scope.BATCHES_WRITE)
MAY_READ_USAGE = ProgramKey(ApiKey.Scope.USAGE_READ)
