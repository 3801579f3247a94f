"""What follows a call that brought neither an image nor a decision about its prompt (docs/decisions/0024)."""

import random
from dataclasses import dataclass
from typing import NamedTuple

from batches.models import Prompt


class Kind(NamedTuple):
    """A kind of setback: the prompt's counter, how many of them fail the prompt, and then its error code."""

    counter: str
    limit: int
    code: str


#: Nothing was made. Waited for about an hour.
BUSY = Kind("busy_count", 60, "upstream_busy")
#: Waited for about four minutes.
FAULT = Kind("fault_count", 8, "upstream_error")
#: The image may be paid for: one more call, at our cost.
UNKNOWN = Kind("unknown_count", 2, "unknown_outcome")

_FIRST_DELAY_SECONDS = 4.0
_LONGEST_DELAY_SECONDS = 60.0
#: A busy service's own delay is taken so many times. If it is short, the calls would be used up within a minute.
_ASKED_DELAYS = 10
#: After so many setbacks in a row the whole batch waits, so that a busy upstream isn't called for each prompt.
_ALL_WAIT_FROM = 3
_FIRST_HOLD_SECONDS = 60.0
_LONGEST_HOLD_SECONDS = 900.0
#: For about ten hours of holds, calls do not count. Then prompts fail one by one, so that a batch ends.
_PATIENT_HOLDS = 40


@dataclass(frozen=True)
class NextStep:
    counts: bool
    fails: bool
    delay_seconds: float
    #: The batch waits for the prompt. Otherwise it continues with the next.
    blocks: bool
    #: How long the batch is on hold, 0 if it isn't.
    hold_seconds: float


def next_step(prompt: Prompt, kind: Kind, asked_seconds: float | None) -> NextStep:
    """Decide about a prompt as it was before the call; `asked_seconds` is the delay that upstream has sent."""
    count, streak = getattr(prompt, kind.counter), prompt.batch.setback_count + 1
    is_outage = streak >= kind.limit and _others_wait(prompt)
    counts = kind is UNKNOWN or not is_outage or streak > kind.limit + _PATIENT_HOLDS
    fails = counts and count + 1 >= kind.limit
    is_first = not (prompt.busy_count or prompt.fault_count or prompt.unknown_count)
    all_wait = kind is not UNKNOWN and (is_first or streak >= _ALL_WAIT_FROM)
    hold = min(_FIRST_HOLD_SECONDS * 2 ** min(streak - kind.limit, 10), _LONGEST_HOLD_SECONDS) if is_outage else 0
    return NextStep(
        counts=counts,
        fails=fails,
        delay_seconds=_delay_seconds(kind, max(count, streak - 1), asked_seconds),
        blocks=not fails and (all_wait or prompt.batch.open_count == 1),
        hold_seconds=hold,
    )


def _others_wait(prompt: Prompt) -> bool:
    """Return whether another prompt of the batch also waits after such a call: then the prompt isn't the cause."""
    others = Prompt.objects.open().filter(batch=prompt.batch_id).exclude(pk=prompt.pk)
    return others.exclude(retry_at=None).exists()


def _delay_seconds(kind: Kind, number: int, asked_seconds: float | None) -> float:
    growing = min(_FIRST_DELAY_SECONDS * 2 ** min(number, 10), _LONGEST_DELAY_SECONDS) * random.uniform(0.75, 1.0)
    if kind is BUSY and asked_seconds and number < _ASKED_DELAYS:
        return asked_seconds
    return max(asked_seconds or 0, growing)
