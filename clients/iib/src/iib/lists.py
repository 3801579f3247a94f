"""Lists of prompts: TXT with one prompt per line, CSV with named columns, or standard input."""

import csv
import io
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iib.failures import UsageFailure

COLUMNS = ("prompt", "name", "ratio", "format", "style", "model", "quality", "seconds")
#: Further columns of a manifest, which can be used as a list again.
_OF_MANIFEST = frozenset({"position", "file", "status", "error", "width", "height", "credits", "version", "verdict"})
_DELIMITERS = ",;\t"
#: Excel's own first line, which names the delimiter.
_SEPARATOR = re.compile('\ufeff?"?sep=([,;\t|])"? *(?:\r\n|\r|\n)', re.IGNORECASE)
#: By the first bytes of the file.
_WORKBOOKS = {
    b"PK\x03\x04": "is a workbook (.xlsx, .ods), not text. Save its sheet as CSV UTF-8.",
    b"\xd0\xcf\x11\xe0": "is an old workbook (.xls) or has a password. Save its sheet as CSV UTF-8.",
}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Row = dict[str, str | int]


@dataclass(frozen=True)
class PromptList:
    """The rows of a list, and the line of the file where each begins."""

    rows: list[Row]
    lines: list[int]

    def prompts(self) -> list[str | Row]:
        """Return the rows for the API: only the text where a row has nothing else."""
        return [str(row["prompt"]) if set(row) == {"prompt"} else row for row in self.rows]


@dataclass(frozen=True)
class _Table:
    """A text as CSV; `line` is the line of its header."""

    text: str
    delimiter: str
    header: list[str]
    line: int


def read(source: str, *, kind: str | None = None, encoding: str | None = None) -> PromptList:
    """Read the list from a file, or from standard input for `-`; `kind` is "txt", "csv" or None to detect it.

    Raises `UsageFailure` with a line for each error.
    """
    shown = "Standard input" if source == "-" else source
    content = _bytes_of(source)
    if reason := next((reason for start, reason in _WORKBOOKS.items() if content.startswith(start)), ""):
        raise UsageFailure(f"{shown} {reason}")
    text = _decoded(content, encoding)
    table = _table(text)
    kind = kind or _kind_of(source, table)
    prompts = _csv_rows(table) if kind == "csv" else _txt_rows(text)
    if not prompts.rows:
        raise UsageFailure(f"{shown} has no prompts.")
    return prompts


def _bytes_of(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise UsageFailure(f"{source} cannot be read: {error.strerror}.") from error


def _decoded(content: bytes, encoding: str | None) -> str:
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding or marked)
    except (UnicodeDecodeError, LookupError) as error:
        hint = "Save it as UTF-8, or name its encoding: --encoding cp1252."
        raise UsageFailure(f"The list is not readable text ({error}). {hint}") from error


def _table(text: str) -> _Table:
    """Split off Excel's line `sep=;` and the header, whose names are empty if it is not valid CSV."""
    separator = _SEPARATOR.match(text)
    text = text[separator.end() :] if separator else text.lstrip("\ufeff")
    # Excel on a Mac can end lines with a carriage return alone.
    first = re.split("[\r\n]", text, maxsplit=1)[0]
    # Spreadsheets in Spanish or German write semicolons.
    delimiter = separator[1] if separator else max(_DELIMITERS, key=first.count)
    try:
        cells = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error:
        cells = []
    return _Table(text, delimiter, [cell.strip().casefold() for cell in cells], 2 if separator else 1)


def _kind_of(source: str, table: _Table) -> str:
    if Path(source).suffix.lower() in (".csv", ".tsv"):
        return "csv"
    # Spreadsheets also save "Text (Tab delimited)" as .txt, and standard input has no file name.
    may_be_table = source == "-" or table.delimiter == "\t" or table.line > 1
    return "csv" if may_be_table and "prompt" in table.header else "txt"


def _is_blank(text: str) -> bool:
    """Return whether nothing of the text can be seen: blanks, control and format characters."""
    return all(each.isspace() or unicodedata.category(each) in ("Cc", "Cf") for each in text)


def _txt_rows(text: str) -> PromptList:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = [(number, line.strip()) for number, line in enumerate(lines, 1) if not _is_blank(line)]
    return PromptList([{"prompt": prompt} for _, prompt in found], [number for number, _ in found])


def _csv_rows(table: _Table) -> PromptList:
    _check_header(table.header)
    is_manifest = {"position", "status"} <= set(table.header)
    reader = csv.reader(io.StringIO(table.text, newline=""), delimiter=table.delimiter, strict=True)
    prompts, faults = PromptList([], []), []
    line = table.line
    try:
        next(reader)
        # The reader counts from the header.
        line += reader.line_num
        for cells in reader:
            row, fault = _row(table.header, cells, unguard=is_manifest)
            if fault:
                faults.append(f"Line {line}: {fault}")
            elif row:
                prompts.rows.append(row)
                prompts.lines.append(line)
            line = table.line + reader.line_num
    except csv.Error as error:
        faults.append(f"Line {line}: {error}.")
    if faults:
        raise UsageFailure("The list has errors.", faults)
    return prompts


def _check_header(header: list[str]) -> None:
    names = f"Its first line names the columns: {','.join(COLUMNS)}; only prompt is required."
    if "prompt" not in header:
        raise UsageFailure(f"The list has no column “prompt”. {names}")
    if unknown := [name for name in header if name and name not in COLUMNS and name not in _OF_MANIFEST]:
        raise UsageFailure(f"The list has unknown columns: {', '.join(unknown)}. {names}")
    if twice := {name for name in header if name and header.count(name) > 1}:
        raise UsageFailure(f"The list has duplicate columns: {', '.join(sorted(twice))}.")


def _row(header: list[str], cells: list[str], *, unguard: bool) -> tuple[Row, str]:
    """Return the filled cells of a row by column, and its error; both are empty for a blank row and for a version."""
    # Further versions of an image were not in the list.
    is_version = dict(zip(header, cells, strict=False)).get("version", "") not in ("", "1")
    if all(map(_is_blank, cells)) or is_version:
        return {}, ""
    if not all(map(_is_blank, cells[len(header) :])):
        return {}, f"{len(cells)} cells for {len(header)} columns. Put texts with commas in quotation marks."
    named = zip(header, cells, strict=False)
    row = {name: _unguarded(cell) if unguard else cell for name, cell in named if name in COLUMNS}
    texts = {name: cell.strip() for name, cell in row.items() if not _is_blank(cell)}
    if "prompt" not in texts:
        return {}, "the prompt is empty."
    if not texts.get("seconds", "0").isdecimal():
        return {}, "seconds is not a whole number."
    return {name: int(text) if name == "seconds" else text for name, text in texts.items()}, ""


def _unguarded(cell: str) -> str:
    """Undo the quote with which a manifest's cell is protected from being run as a formula."""
    is_guarded = cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA_STARTS)
    return cell[1:] if is_guarded else cell


def order(prompts: PromptList, choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request's body: the list with the given choices; the site has defaults for the others."""
    return {"prompts": prompts.prompts(), **{name: value for name, value in choices.items() if value is not None}}


def with_lines(details: Iterable[str], prompts: PromptList) -> list[str]:
    """Add the line of the file to errors of the site that name a row, where the two differ."""
    lines = {
        f"Prompt {row}:": f"Prompt {row} (line {line}):" for row, line in enumerate(prompts.lines, 1) if row != line
    }
    split = (detail.partition(":") for detail in details)
    return [lines.get(start + colon, start + colon) + rest for start, colon, rest in split]
