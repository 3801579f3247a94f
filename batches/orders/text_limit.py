"""How much text a customer may have stored: the prompts, styles and names of all batches that were not deleted.

Each batch counts its own (`Batch.character_count`) and follows its edits, so that the sum needs no look at the text.
"""

from accounts.models import User
from batches.models import Batch
from billing.entitlements import plan_of
from billing.refusals import TextLimitReached


def check(user: User, more: int) -> None:
    """Raise `TextLimitReached` if the plan does not store so many characters more.

    The customer's credit account must be locked, so that two batches do not count at the same moment.
    """
    limit = plan_of(user).stored_characters
    left = limit - Batch.objects.owned_by(user).character_count()
    if more > max(0, left):
        raise TextLimitReached(more, max(0, left), limit)
