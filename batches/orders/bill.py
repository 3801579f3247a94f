"""What an order would cost, when it would be done, and what stands in its way."""

from dataclasses import dataclass
from statistics import median

from accounts.models import ApiKey, User
from batches.keys import limits
from batches.lists.styles import prompt_and_ending
from batches.models import Prompt
from batches.orders import text_limit
from batches.orders.order import Order
from billing import quotas
from billing.credits import ledger
from billing.quotas import Allowance
from billing.refusals import NegativeBalance, Refusal

#: Assumed for an image until some have been made with that model and quality.
_ASSUMED_SECONDS = 12.0
_SAMPLE = 20
#: The page shows fewer, and cuts long texts slowly.
_EXCERPT_CHARACTERS = 200


@dataclass(frozen=True)
class Bill:
    """What a batch would cost, shown before anything is spent."""

    order: Order
    credits_left: int
    seconds: float
    allowance: Allowance
    refusal: Refusal | None

    @property
    def missing(self) -> int:
        """Return how many credits are lacking; 0 when there are enough."""
        return max(0, self.order.credits_needed - self.credits_left)

    @property
    def may_shrink(self) -> bool:
        """Return whether a shorter list, or a lower quality, could be paid with what is left."""
        return self.credits_left >= min(row.credits for row in self.order.image_model.qualities.all())

    @property
    def waits(self) -> bool:
        """Return whether the run will meet the day's limit."""
        return len(self.order.prompts) > self.allowance.today_left

    @property
    def rows(self) -> list[tuple[int, str, str]]:
        """Return position, prompt and final file name of every image."""
        return [(n, p, f) for n, (p, f) in enumerate(zip(self.order.prompts, self.order.file_names, strict=True), 1)]

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Return of every image the start of its prompt, what the style adds to it, and the final file name."""
        order = self.order
        rows = zip(order.prompts, order.choices, order.file_names, strict=True)
        parts = ((*prompt_and_ending(prompt, choices.style), name) for prompt, choices, name in rows)
        return [(prompt[:_EXCERPT_CHARACTERS], ending, name) for prompt, ending, name in parts]


def bill_of(user: User, order: Order, api_key: ApiKey | None = None) -> Bill:
    """Return the bill of an order, to be sent with that key, without storing anything."""
    account = ledger.account_of(user)
    return Bill(
        order=order,
        credits_left=max(0, account.left),
        seconds=sum(seconds_per_image(*made_with) * count for made_with, count in order.counts.items()),
        allowance=quotas.allowance(user),
        refusal=_refusal(user, order, account.balance, api_key),
    )


def _refusal(user: User, order: Order, balance: int, api_key: ApiKey | None) -> Refusal | None:
    """Return why this order could not be started now, though there were credits enough."""
    if balance < 0:
        return NegativeBalance(order.credits_needed, balance)
    try:
        quotas.check_start(user, len(order.prompts))
        text_limit.check(user, order.character_count)
        limits.check(api_key, order.credits_needed)
    except Refusal as refusal:
        return refusal
    return None


def seconds_per_image(model_id: int, quality: str) -> float:
    """Return how long the last images of that model and quality took, in the median."""
    alike = Prompt.objects.filter(image_model=model_id, quality=quality)
    durations = alike.last_durations(_SAMPLE)
    return median(durations) if durations else _ASSUMED_SECONDS
