"""Which version of each image a ZIP contains, and its file name. `static/js/batch/versions.js` has the same rule."""

from batches.choices import Verdict
from batches.models.prompt import PromptQuerySet

_RANKS: dict[str, int] = {Verdict.REJECT: 0, Verdict.UNDECIDED: 1, Verdict.KEEP: 2}


def names_in_zip(prompts: PromptQuerySet) -> dict[int, str]:
    """Return the file names by position. Of several versions, only the kept or newest one has a name.

    It has the name of the original, which the customer has seen before the start.
    """
    originals: dict[int, str] = {}
    chosen: dict[int, tuple[int, int, int]] = {}
    rows = prompts.order_by("position").values_list("pk", "origin_id", "position", "version", "verdict", "file_name")
    for pk, origin_id, position, version, verdict, file_name in rows:
        original = origin_id or pk
        originals.setdefault(original, file_name)
        candidate = (_RANKS[verdict], version, position)
        chosen[original] = max(chosen.get(original, candidate), candidate)
    return {position: originals[original] for original, (_rank, _version, position) in chosen.items()}
