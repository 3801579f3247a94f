"""Words in square brackets that make the stand-in misbehave, for those who test what their program does then.

| word | what happens | how often for one prompt |
| --- | --- | --- |
| [429] | too many requests, with Retry-After | the first two times |
| [500] [503] | a fault of the server; an overloaded server | once |
| [refuse] | blocked by moderation | always |
| [bad input] | a parameter is invalid | always |
| [money] [key] | balance used up; key not accepted | always |
| [garbage] | status 200 with an HTML page | always |
| [text] | a text file instead of an image | always |
| [half] | half an answer, then the connection closes | always |
| [drop] | the connection closes without an answer | always |
| [hang] | no answer for an hour | always |
| [slow 20] | an answer after 20 seconds | always |
| [huge] | a PNG of 20000 x 20000 pixels | always |
| [40mb] | a body of 40 MB | always |
| [wrong size] [wrong format] | another size, another format than asked | always |
| [alpha] | a PNG with transparency | always |
| [url] | a URL instead of base64 | always |
| [empty] | an answer without images | always |

Each takes `once`, `twice` or `always` ("[drop once]") instead of its own count, and [429], [503] and [slow] take
seconds ("[429 5]"). The same words without brackets are the kinds of `fail_next` on the control page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sandbox.behaviour import DIRECTOR

from . import errors
from .errors import ApiError

COUNTS: dict[str, int | None] = {"once": 1, "twice": 2, "always": None}
HANG_SECONDS = 3600.0


@dataclass(frozen=True)
class Fault:
    """One magic word. `times` is how often it strikes for one prompt (None is always); `seconds` is its delay."""

    word: str
    description: str | Promise
    times: int | None = None
    seconds: float | None = None


FAULTS = {
    fault.word: fault
    for fault in (
        Fault("429", _("Too many requests, with Retry-After. The first two times for each prompt."), 2),
        Fault("500", _("A fault of the server. Once for each prompt."), 1),
        Fault("503", _("An overloaded server. Once for each prompt."), 1),
        Fault("refuse", _("Blocked by moderation.")),
        Fault("bad input", _("A parameter is invalid.")),
        Fault("money", _("The account's balance is used up.")),
        Fault("key", _("The key is not accepted.")),
        Fault("garbage", _("Status 200 with an HTML page.")),
        Fault("text", _("A text file instead of an image.")),
        Fault("half", _("Half an answer, then the connection closes.")),
        Fault("drop", _("The connection closes without an answer.")),
        Fault("hang", _("No answer for an hour."), seconds=HANG_SECONDS),
        Fault("slow", _("An answer after so many seconds: [slow 20]."), seconds=10),
        Fault("huge", _("An image of 20000 × 20000 pixels in a small file.")),
        Fault("40mb", _("A body of 40 MB.")),
        Fault("wrong size", _("Another size than asked for.")),
        Fault("wrong format", _("Another format than asked for.")),
        Fault("alpha", _("A PNG with transparency.")),
        Fault("url", _("A URL instead of base64.")),
        Fault("empty", _("An answer without images.")),
    )
}
_WORDS = "|".join(sorted(map(re.escape, FAULTS), key=len, reverse=True))
_PATTERN = re.compile(rf"({_WORDS})(?: +(once|twice|always|\d{{1,4}}(?:\.\d+)?s?))?", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\[\]]{2,30})\]")

# Known before any work is done, so that the real API answers them at once.
_AT_ONCE = {"429", "money", "key"}


def parsed(words: str) -> Fault | None:
    """The fault that a word (with an option: "slow 20", "500 always") names; None when it names none."""
    match = _PATTERN.fullmatch(" ".join(words.split()))
    if not match:
        return None
    fault, option = FAULTS[match[1].lower()], (match[2] or "").lower()
    if option in COUNTS:
        return Fault(fault.word, fault.description, COUNTS[option], fault.seconds)
    return Fault(fault.word, fault.description, fault.times, float(option.rstrip("s")) if option else fault.seconds)


def due(prompt: str, endpoint: str) -> list[Fault]:
    """The faults that strike this call: one that the control page ordered, or those in the prompt."""
    ordered = parsed(DIRECTOR.take_failure(endpoint))
    if ordered:
        return [ordered]
    named = [fault for words in _BRACKETS.findall(prompt) if (fault := parsed(words))]
    return [fault for fault in named if DIRECTOR.strikes(fault.word, prompt, fault.times)]


def delay_seconds(faults: list[Fault]) -> float:
    """How long the answer takes."""
    own = [fault.seconds for fault in faults if fault.word in ("slow", "hang") and fault.seconds is not None]
    return max(own) if own else DIRECTOR.current.delay_seconds


def refuse_at_once(faults: list[Fault], model: str) -> None:
    """Raise the errors that come before any work."""
    _raise([fault for fault in faults if fault.word in _AT_ONCE], model)


def refuse(faults: list[Fault], model: str) -> None:
    """Raise the errors that come after the work."""
    _raise([fault for fault in faults if fault.word not in _AT_ONCE], model)


def _raise(faults: list[Fault], model: str) -> None:
    for fault in faults:
        if fault.word in _ERRORS:
            wait = DIRECTOR.current.retry_after_seconds if fault.seconds is None else fault.seconds
            raise _ERRORS[fault.word](model, wait)


_ERRORS: dict[str, Callable[[str, float], ApiError]] = {
    "429": errors.rate_limited,
    "500": lambda model, wait: errors.server_error(),
    "503": lambda model, wait: errors.overloaded(wait),
    "refuse": lambda model, wait: errors.refused(),
    "bad input": lambda model, wait: errors.invalid("prompt", "Invalid value for 'prompt'."),
    "money": lambda model, wait: errors.no_money(),
    "key": lambda model, wait: errors.wrong_key("sk-sandbox"),
}
