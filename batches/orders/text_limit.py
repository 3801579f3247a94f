"""The limit on stored text: the prompts, styles and names of all of a customer's batches that are not deleted.

`Batch.character_count` is stored and updated with each edit, so the sum does not read the texts.
"""

from accounts.models import User
from batches.models import Batch
from billing.entitlements import plan_of
from billing.refusals import TextLimitReached


def check(user: User, more: int) -> None:
    """Raise `TextLimitReached` if the plan does not allow `more` characters to be stored.

    The caller must have locked the customer's credit account, so that two batches cannot both pass.
    """
    limit = plan_of(user).stored_characters
    left = limit - Batch.objects.owned_by(user).character_count()
    if more > max(0, left):
        raise TextLimitReached(more, max(0, left), limit)
