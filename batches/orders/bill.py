from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from accounts.models import ApiKey, User
from batches.keys import limits
from batches.lists.styles import prompt_and_ending
from batches.orders import text_limit
from batches.orders.order import Order
from batches.progress.estimates import usual_seconds
from batches.runs import plan_limit
from billing import quotas
from billing.credits import ledger
from billing.quotas import Allowance
from billing.refusals import ListTooLong, NegativeBalance, Refusal

#: The template shows fewer, but truncating long texts there is slow.
_EXCERPT_CHARACTERS = 200


@dataclass(frozen=True)
class Bill:
    """The price of a batch, its duration and what prevents its start, shown before anything is spent."""

    order: Order
    credits_left: int
    seconds: float
    allowance: Allowance
    refusal: Refusal | None
    #: How the plan's limit splits the run; None if it does not.
    split: plan_limit.Split | None

    @property
    def missing(self) -> int:
        return max(0, self.order.credits_needed - self.credits_left)

    @property
    def first_count(self) -> int:
        """Return how many prompts from the start of the list could be made now; 0 if none or all."""
        may_start = self.allowance.starts_used < self.allowance.plan.starts_per_hour
        if not may_start or (self.refusal and not isinstance(self.refusal, ListTooLong)):
            return 0
        prices = accumulate(each.credits for each in self.order.choices)
        affordable = sum(price <= self.credits_left for price in prices)
        count = min(affordable, self.allowance.plan.prompts_per_batch)
        return count if count < len(self.order.prompts) else 0

    @property
    def repeated_count(self) -> int:
        """Return how many prompts repeat an earlier one, without the rows that have choices of their own."""
        usual = [prompt for n, prompt in enumerate(self.order.prompts, 1) if n not in self.order.overrides]
        return len(usual) - len(set(usual))

    @property
    def may_shrink(self) -> bool:
        """Return whether the credits left would pay for a shorter list or a lower quality."""
        photos = min(each.reference_credits for each in self.order.choices)
        return self.credits_left >= photos + min(row.credits for row in self.order.defaults.image_model.qualities.all())

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        order = self.order
        rows = zip(order.prompts, order.choices, order.file_names, strict=True)
        parts = ((*prompt_and_ending(prompt, choices.style), name) for prompt, choices, name in rows)
        return [(prompt[:_EXCERPT_CHARACTERS], ending, name) for prompt, ending, name in parts]


def bill_of(user: User, order: Order, api_key: ApiKey | None = None) -> Bill:
    """Return the bill of an order without storing anything. `api_key` is the one that would submit it."""
    account = ledger.account_of(user)
    counts = Counter((each.image_model.pk, each.quality.quality) for each in order.choices)
    return Bill(
        order=order,
        credits_left=max(0, account.left),
        seconds=sum(usual_seconds(*made_with) * count for made_with, count in counts.items()),
        allowance=quotas.allowance(user),
        refusal=_refusal(user, order, account.balance, api_key),
        split=plan_limit.split(user, len(order.prompts)),
    )


def _refusal(user: User, order: Order, balance: int, api_key: ApiKey | None) -> Refusal | None:
    """Return why the order could not start now, even with enough credits."""
    if balance < 0:
        return NegativeBalance(order.credits_needed, balance)
    try:
        quotas.check_start(user, len(order.prompts))
        text_limit.check(user, order.character_count)
        limits.check(api_key, order.credits_needed)
    except Refusal as refusal:
        return refusal
    return None
