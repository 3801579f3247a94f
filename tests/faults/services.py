"""An image service that answers wrongly, or is busy."""

from collections import Counter

from tests.faults.hostile import BUSY, KINDS
from tests.faults.trial import Trial


def wrong_answers(trial: Trial, *, batches: int, kinds: int) -> None:
    """Answer each prompt's first call wrongly: late, in pieces, cut off, as garbage, with any status."""
    step = -(-len(KINDS) // kinds)
    chosen = range(0, len(KINDS), step)
    # Refusals and errors that a second call can't fix fail the prompt.
    trial.may_fail = {"refused", "bad_input", "upstream_error", "unknown_outcome", "not_an_image", "too_small"}
    lists = [[f"kind {kind}" for kind in chosen[number::batches]] for number in range(batches)]
    trial.submit(*([*texts, "good 1", "good 2"] for texts in lists))
    trial.start_workers(2)
    trial.wait_until_finished()
    trial.remarks.append(f"{len(chosen)} kinds of wrong answers")


def storm(trial: Trial, *, customers: int, prompts: int, places: int) -> None:
    """Answer 429 to all calls but as many as the service has places, while many customers have a batch each."""
    trial.upstream.forget(seconds=trial.upstream.seconds, places=places)
    for number in range(customers):
        trial.submit((f"c{number} p{n}" for n in range(prompts)), email=f"c{number}-{trial.email}")
    trial.start_workers(2)
    trial.wait_until_finished()
    refused = Counter(call.kind for call in trial.upstream.calls)[BUSY]
    trial.remarks.append(f"{customers} customers, {refused} times 429")
