"""Parsing of pasted lists: one prompt per line, one file name per line."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from batches.lists.tables import read_table

MAX_PROMPTS = 1000
#: The image models' own limit for one prompt.
MAX_PROMPT_CHARACTERS = 32_000
#: A pasted list may have blank lines, but a text of more lines than this is refused unread.
MAX_LINES = 10 * MAX_PROMPTS

# Control characters except blanks and line ends, lone surrogates (invalid in databases and JSON), byte order marks.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff]+")
# What word processors write for a break inside a line, U+0085 from mainframes.
_BLANKS = re.compile("[\x0b\x0c\x85]")
# Unicode's category Cf, "format", in ranges: invisible characters such as joiners and direction marks.
FORMAT_CHARACTERS = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f"
)
_VISIBLE = re.compile(rf"[^\s{FORMAT_CHARACTERS}]")
_LINE_ENDS = re.compile("[\r\n]+")


@dataclass(frozen=True)
class RowError:
    """An error in a list: a code with its figures. `batches.lists.messages` has the sentences.

    ``row`` is the position in the parsed list, from 1; ``None`` for the whole list.
    ``column`` is set if one choice of the row is wrong, e.g. its ratio.
    """

    row: int | None
    code: str
    params: dict[str, int] = field(default_factory=dict)
    column: str = ""


@dataclass(frozen=True)
class Lists:
    """The cleaned prompts and file names of one order, and the errors of each."""

    prompts: list[str]
    names: list[str]
    prompt_errors: list[RowError] = field(default_factory=list)
    name_errors: list[RowError] = field(default_factory=list)
    rest_prompts: list[str] = field(default_factory=list)
    rest_names: list[str] = field(default_factory=list)
    #: Whether the prompts are a table with choices for each row, which are not used.
    has_unused_choices: bool = False

    @property
    def is_refused_unread(self) -> bool:
        return any(error.code == "too_many_lines" for error in (*self.prompt_errors, *self.name_errors))


def read_lists(prompts: str | Sequence[str], names: str | Sequence[str] = "", first: int | None = None) -> Lists:
    """Split, clean and check the lists: pasted texts with one entry per line, or sequences of entries.

    Blank lines of pasted prompts are dropped. A blank line of names stays as ``""`` (that row has no name of its own),
    so that the names after it still match their prompts; trailing blank names are dropped. If both lists are pasted
    texts, lines that are blank in both are dropped, as when two columns of a spreadsheet have an empty row. In a
    sequence of prompts a blank entry is an error, because a program counts positions.

    Prompts that are pasted as a table can bring their names. A list of names is used instead.

    With `first`, only so many prompts and names are checked. The others are returned as the rest.
    """
    refused = Lists([], [], _check_lines(prompts), _check_lines(names))
    if refused.is_refused_unread:
        return refused
    has_unused_choices = False
    if isinstance(prompts, str) and (table := read_table(prompts)):
        prompts, own_names, has_unused_choices = table
        names = names if any(_lines(names)) else own_names
    prompt_lines, name_lines = _lines(prompts), _lines(names)
    if isinstance(prompts, str):
        if isinstance(names, str):
            pairs = zip_longest(name_lines, prompt_lines, fillvalue="")
            name_lines = [name for name, prompt in pairs if name or prompt]
        prompt_lines = [line for line in prompt_lines if line]
    while name_lines and not name_lines[-1]:
        name_lines.pop()
    rest = (prompt_lines[first:], name_lines[first:]) if first else ([], [])
    prompt_lines, name_lines = prompt_lines[:first], name_lines[:first]
    errors = check_prompts(prompt_lines)
    name_errors: list[RowError] = []
    # Fewer names than prompts are allowed: the other rows are named after their prompts.
    if not errors and len(name_lines) > len(prompt_lines):
        counts = {"names": len(name_lines), "prompts": len(prompt_lines)}
        name_errors = [RowError(None, "more_names_than_prompts", counts)]
    return Lists(prompt_lines, name_lines, errors, name_errors, *rest, has_unused_choices)


def on_one_line(text: str) -> str:
    lines = map(str.strip, _LINE_ENDS.split(_cleaned(text)))
    return " ".join(line for line in lines if _VISIBLE.search(line))


def _cleaned(text: str) -> str:
    return _BLANKS.sub(" ", _UNWANTED.sub("", text))


def check_prompts(prompts: Sequence[str]) -> list[RowError]:
    """Return the errors ``empty_list``, ``too_many_prompts``, and by row ``empty_prompt`` and ``prompt_too_long``."""
    if not prompts:
        return [RowError(None, "empty_list")]
    if len(prompts) > MAX_PROMPTS:
        return [RowError(None, "too_many_prompts", {"count": len(prompts), "limit": MAX_PROMPTS})]
    empty = [RowError(row, "empty_prompt") for row, prompt in enumerate(prompts, start=1) if not prompt]
    return [*empty, *check_lengths(map(len, prompts))]


def check_lengths(lengths: Iterable[int]) -> list[RowError]:
    """Return ``prompt_too_long`` for each row whose prompt exceeds the models' limit."""
    return [
        RowError(row, "prompt_too_long", {"characters": length, "limit": MAX_PROMPT_CHARACTERS})
        for row, length in enumerate(lengths, start=1)
        if length > MAX_PROMPT_CHARACTERS
    ]


def _check_lines(given: str | Sequence[str]) -> list[RowError]:
    if not isinstance(given, str):
        return []
    count = given.count("\n") + given.count("\r") - given.count("\r\n")
    if count <= MAX_LINES:
        return []
    return [RowError(None, "too_many_lines", {"count": count, "limit": MAX_PROMPTS})]


def _lines(given: str | Sequence[str]) -> list[str]:
    """Return the cleaned lines of a text, or entries of a sequence; ``""`` for an invisible one."""
    if not isinstance(given, str):
        return [on_one_line(entry) for entry in given]
    # Not str.splitlines(): it also breaks at U+2028, form feeds and others, which a browser's textarea shows
    # inside a line. The customer would get more rows than they typed.
    text = _cleaned(given).replace("\r\n", "\n").replace("\r", "\n")
    return [line if _VISIBLE.search(line) else "" for line in map(str.strip, text.split("\n"))]
