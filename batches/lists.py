"""Lists as customers paste them: one prompt a line, one file name a line."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

MAX_PROMPTS = 1000
#: The image models' own limit for one prompt.
MAX_PROMPT_CHARACTERS = 32_000

# Not str.splitlines(): it also breaks at U+2028, form feeds and the like, which a browser's
# textarea shows inside a line; the customer would get more rows than were typed.
_LINE_END = re.compile(r"\r\n|\r|\n")
# Controls but for the tab, lone surrogates (no database or JSON takes them), byte order marks.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


@dataclass(frozen=True)
class RowError:
    """What is wrong with a list: a code with its figures; the wording belongs to the forms.

    ``row`` is the position in the parsed list, from 1; ``None`` means the list as a whole.
    ``column`` is set where one choice of the row is wrong, e.g. its ratio.
    """

    row: int | None
    code: str
    params: dict[str, int] = field(default_factory=dict)
    column: str = ""


def parse_prompts(given: str | Sequence[str]) -> list[str]:
    """The prompts of a pasted text, one a line, cleaned, blank lines dropped; or of a list, one an entry.

    In a list a blank entry stays as ``""``, which ``check_prompts`` refuses: a program counts positions.
    """
    if isinstance(given, str):
        return [line for line in _clean_lines(given) if _is_visible(line)]
    return [on_one_line(entry) for entry in given]


def parse_names(given: str | Sequence[str], prompts: str | Sequence[str] = ()) -> list[str]:
    """The file names of a pasted text, one a line, or of a list, cleaned.

    A blank line stays as ``""`` (that row has no name of its own), so that the names after it
    still meet their prompts; blank lines at the end are dropped. Of two texts, a line that is blank
    in both goes, as `parse_prompts` drops it: so come two columns of a spreadsheet with an empty row.
    """
    names = [line if _is_visible(line) else "" for line in _name_lines(given, prompts)]
    while names and not names[-1]:
        names.pop()
    return names


def _name_lines(given: str | Sequence[str], prompts: str | Sequence[str]) -> list[str]:
    if not isinstance(given, str):
        return [on_one_line(entry) for entry in given]
    if not isinstance(prompts, str):
        return _clean_lines(given)
    rows = zip_longest(_clean_lines(given), _clean_lines(prompts), fillvalue="")
    return [name for name, prompt in rows if _is_visible(name) or _is_visible(prompt)]


def on_one_line(text: str) -> str:
    """The text cleaned, its lines joined by spaces."""
    return " ".join(line for line in _clean_lines(text) if _is_visible(line))


def check_prompts(prompts: Sequence[str], *, limit: int = MAX_PROMPTS) -> list[RowError]:
    """What stops this list: ``empty_list``, ``too_many_prompts``, by row ``empty_prompt`` or ``prompt_too_long``."""
    if not prompts:
        return [RowError(None, "empty_list")]
    errors = [error for row, prompt in enumerate(prompts, start=1) if (error := _prompt_error(row, prompt))]
    if len(prompts) > limit:
        errors.insert(0, RowError(None, "too_many_prompts", {"count": len(prompts), "limit": limit}))
    return errors


def _prompt_error(row: int, prompt: str) -> RowError | None:
    if not prompt:
        return RowError(row, "empty_prompt")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        params = {"characters": len(prompt), "limit": MAX_PROMPT_CHARACTERS}
        return RowError(row, "prompt_too_long", params)
    return None


def check_names(names: Sequence[str], prompt_count: int) -> list[RowError]:
    """``more_names_than_prompts`` or nothing; fewer names are fine, the prompts name the rest."""
    if len(names) <= prompt_count:
        return []
    params = {"names": len(names), "prompts": prompt_count}
    return [RowError(None, "more_names_than_prompts", params)]


def _clean_lines(text: str) -> list[str]:
    return [_UNWANTED.sub("", line).strip() for line in _LINE_END.split(text)]


def _is_visible(line: str) -> bool:
    return any(not character.isspace() and unicodedata.category(character) != "Cf" for character in line)
