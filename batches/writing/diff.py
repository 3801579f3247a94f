"""The difference between a prompt and a suggestion, word by word, computed without JavaScript."""

import re
from difflib import SequenceMatcher

# A word includes the blanks before it. If blanks were words, long texts would take minutes.
_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+$")
_MAX_WORDS = 1_500


def diff(before: str, after: str) -> list[tuple[str, str]]:
    """Return the pieces in reading order as (kind, text). The kinds are "same", "removed" and "added"."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > _MAX_WORDS:
        return [("removed", before), ("added", after)]
    pieces: list[tuple[str, str]] = []
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        if tag == "equal":
            pieces.append(("same", removed))
        else:
            pieces += [(kind, text) for kind, text in (("removed", removed), ("added", added)) if text]
    return pieces
