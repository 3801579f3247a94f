"""The limit on stored text: prompts, styles and names of a customer's presets, and of the batches that are not deleted.

`Batch.character_count` is stored and updated with each edit, so the sum does not read the texts.
"""

from accounts.models import User
from batches.usage.totals import stored_characters
from billing.entitlements import plan_of
from billing.refusals import TextLimitReached


def check(user: User, more: int) -> None:
    """Raise `TextLimitReached` if the plan does not allow `more` characters to be stored.

    The caller must have locked the customer's credit account, so that two batches cannot both pass.
    """
    limit = plan_of(user).stored_characters
    left = limit - stored_characters(user)
    if more > max(0, left):
        raise TextLimitReached(more, max(0, left), limit)
