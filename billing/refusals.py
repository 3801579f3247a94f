"""Why a batch cannot start: each refusal has a code for programs and a sentence for people."""

from datetime import datetime
from math import ceil

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext


class Refusal(Exception):
    """The user's credits or plan do not allow the request. Nothing was changed."""

    #: For programs, with the HTTP status.
    code = "refused"
    status = 403
    #: What to link to as a way out: `credits` or `plans`; empty if neither helps.
    remedy = ""
    #: The form field that it concerns; empty for the whole batch.
    field = ""

    @property
    def sentence(self) -> str:
        raise NotImplementedError


class NotEnoughCredits(Refusal):
    code = "not_enough_credits"
    status = 402
    remedy = "credits"

    def __init__(self, needed: int, left: int) -> None:
        super().__init__(f"{needed} credits needed, {left} left")
        self.needed = needed
        self.left = left

    @property
    def sentence(self) -> str:
        return ngettext(
            "This batch needs %(needed)s credit and you have %(left)s left.",
            "This batch needs %(needed)s credits and you have %(left)s left.",
            self.needed,
        ) % {"needed": self.needed, "left": max(0, self.left)}


class NegativeBalance(NotEnoughCredits):
    """The balance is below zero, because a payment was refunded after its credits had been used."""

    code = "negative_balance"

    @property
    def sentence(self) -> str:
        return ngettext(
            "Your balance is %(left)s credit because a payment was refunded after its credits were used. "
            "New credits will bring your balance back up first.",
            "Your balance is %(left)s credits because a payment was refunded after its credits were used. "
            "New credits will bring your balance back up first.",
            abs(self.left),
        ) % {"left": self.left}


class KeyLimitReached(Refusal):
    code = "key_limit_reached"
    status = 402

    def __init__(self, name: str, limit: int, used: int, needed: int) -> None:
        super().__init__(f"{needed} credits needed, {used} of {limit} used this month")
        self.name = name
        self.limit = limit
        self.used = used
        self.needed = needed

    @property
    def sentence(self) -> str:
        return ngettext(
            "The API key “%(name)s” can use %(limit)s credits per month. "
            "It has used or reserved %(used)s, and this batch needs %(needed)s credit.",
            "The API key “%(name)s” can use %(limit)s credits per month. "
            "It has used or reserved %(used)s, and this batch needs %(needed)s credits.",
            self.needed,
        ) % {"name": self.name, "limit": self.limit, "used": self.used, "needed": self.needed}


class TooManyStarts(Refusal):
    code = "too_many_starts"
    status = 429

    def __init__(self, limit: int, retry_at: datetime) -> None:
        super().__init__(f"{limit} starts an hour, next at {retry_at:%H:%M}")
        self.limit = limit
        self.retry_at = retry_at

    @property
    def retry_after_seconds(self) -> int:
        return max(1, ceil((self.retry_at - timezone.now()).total_seconds()))

    @property
    def sentence(self) -> str:
        return ngettext(
            "Your plan allows %(limit)s new batch per hour. You can start the next one at %(time)s UTC.",
            "Your plan allows %(limit)s new batches per hour. You can start the next one at %(time)s UTC.",
            self.limit,
        ) % {"limit": self.limit, "time": time_format(localtime(self.retry_at), "TIME_FORMAT")}


class ListTooLong(Refusal):
    code = "list_too_long"
    status = 422
    remedy = "plans"
    field = "prompts"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"{count} prompts, {limit} are possible")
        self.count = count
        self.limit = limit

    @property
    def sentence(self) -> str:
        return gettext(
            "Your plan allows up to %(limit)s prompts per batch. "
            "You have %(count)s. Split the list or change your plan."
        ) % {"limit": self.limit, "count": self.count}


class TextLimitReached(Refusal):
    code = "text_limit_reached"
    status = 422
    remedy = "plans"
    field = "prompts"

    def __init__(self, needed: int, left: int, limit: int) -> None:
        super().__init__(f"{needed} characters needed, {left} of {limit} left")
        self.needed = needed
        self.left = left
        self.limit = limit

    @property
    def sentence(self) -> str:
        return gettext(
            "Your plan stores up to %(limit)s characters of text. "
            "You have %(left)s left and this batch needs %(needed)s. "
            "Delete batches you no longer need, or change your plan."
        ) % {name: intcomma(number) for name, number in vars(self).items()}
