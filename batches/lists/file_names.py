"""File names that every system can unpack: safe, readable, unique in their list.

Sources: Microsoft "Naming Files, Paths, and Namespaces" for what Windows refuses, APPNOTE 4.4.17 for ZIP, Unicode
TR15 (normalisation), TR29 (graphemes) and TR10 (collation).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, count

MAX_CHARACTERS = 120
#: Linux allows 255 bytes; the rest is for the " (1)" that unpackers and browsers add.
MAX_BYTES = 240
_PROMPT_CHARACTERS = 60
#: The longest suffix that makes equal names unique: ``-1000``.
_NUMBER_CHARACTERS = 5
_FALLBACK = "image"

_FORBIDDEN = '<>:"/\\|?*'
_FORBIDDEN_RUN = re.compile(f"[{re.escape(_FORBIDDEN)}]+")
# Joiners combine emoji, and occur in Persian and Indic words. Next to ASCII they are invisible.
_JOINERS = "\u200c\u200d"
_STRAY_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")
# Invisible letters and marks: fillers, grapheme joiner, Mongolian selectors; non-characters.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufdd0-\ufdef\ufffe\uffff]")
_FLAG_HALVES = re.compile("[\U0001f1e6-\U0001f1ff]*$")
_PICTURE_EXTENSION = re.compile(r"\.(?:png|jpe?g|webp|gif|avif|tiff?|bmp|hei[cf]|svg)$", re.IGNORECASE)
_LEADING_TILDES = re.compile("^~+")
# Windows device names, also with an extension. Windows reads superscript digits as digits.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)

# What utf8mb4_uca1400_nopad_as_ci ignores or treats as the same letter, beyond NFKC and case:
# Hebrew and Arabic reading signs, variation selectors; the two kana, Hebrew final letters, 🅐 and 🅰.
# Checked against WEIGHT_STRING of every code point: only signs of historic scripts still differ.
_IGNORED_MARKS = re.compile(
    "[\u200c\u200d\u0488\u0489\u0591-\u05af\u05bd\u05c4\u05c5\u0610-\u061a\u0640\u06d6-\u06ed\u08ca-\u08e1\u08ea-\u08f3"
    "\u0951\u0952\u1cd0-\u1ce8\ufe00-\ufe2f\U000e0100-\U000e01ef]"
)
_SAME_LETTER: dict[int, int] = (
    {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
    | {0x1F150 + place: ord("a") + place for place in range(26)}
    | {0x1F170 + place: ord("a") + place for place in range(26)}
    | str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
    | str.maketrans("ァィゥェォッャュョヮヵヶ", "あいうえおつやゆよわかけ")
    | str.maketrans("ךםןףץ", "כמנפצ")
)


def file_name(name: str, extension: str) -> str:
    """Return a safe file name of at most 120 characters and 240 UTF-8 bytes, never empty.

    An image's extension that the customer typed is replaced by the real one.
    """
    return _with_extension(_stem(name) or _FALLBACK, extension)


def file_names(names: Sequence[str], prompts: Sequence[str], extension: str | Sequence[str]) -> list[str]:
    """Return the final file name of every prompt, in order; unique on every file system and in MariaDB.

    ``names`` may be shorter than ``prompts`` and have gaps: those rows are named after their prompt. Names given by
    the customer are assigned first, so that a numbered name never takes one of them. If there are none at all, the
    position in the list comes first, so that folders show the images in its order.
    """
    extensions = [extension] * len(prompts) if isinstance(extension, str) else list(extension)
    given = [_stem(name) for name in names[: len(prompts)]]
    given += [""] * (len(prompts) - len(given))
    stems = [name or _prompt_stem(prompt) or _FALLBACK for name, prompt in zip(given, prompts, strict=True)]
    if len(prompts) > 1 and not any(given):
        digits = len(str(len(prompts)))
        stems = [f"{position:0{digits}} {stem}" for position, stem in enumerate(stems, start=1)]
    final: dict[int, str] = {}
    taken: set[str] = set()
    for row in sorted(range(len(prompts)), key=lambda row: not given[row]):
        candidate = _with_extension(stems[row], extensions[row])
        if collision_key(candidate) not in taken:
            taken.add(collision_key(candidate))
            final[row] = candidate
    _number_the_rest(final, taken, stems, extensions)
    return [final[row] for row in range(len(prompts))]


def version_name(file_name: str, version: int, taken: Collection[str]) -> str:
    """Return the name of a further version of the image of that name: `red cat_v2.png`.

    `taken` has the collision keys of the names in the batch.
    """
    stem, _dot, extension = file_name.rpartition(".")
    suffixes = chain([f"_v{version}"], (f"_v{version}-{number}" for number in count(2)))
    names = (f"{_fit(stem, len(suffix) + len(extension) + 1)}{suffix}.{extension}" for suffix in suffixes)
    return next(name for name in names if collision_key(name) not in taken)


def zip_name(title: str) -> str:
    title = title.strip().removesuffix(".zip")
    return _with_extension(_stem(title) or "images", "zip")


def _number_the_rest(final: dict[int, str], taken: set[str], stems: Sequence[str], extensions: Sequence[str]) -> None:
    numbers: dict[str, Iterator[int]] = {}
    for row, (stem, extension) in enumerate(zip(stems, extensions, strict=True)):
        if row in final:
            continue
        root = _fit(stem, len(extension) + 1 + _NUMBER_CHARACTERS)
        # Counting continues after the last equal name, so that 1,000 equal names take 1,000 steps.
        counter = numbers.setdefault(collision_key(f"{root}.{extension}"), iter(range(2, 10**6)))
        final[row] = next(
            candidate
            for candidate in (f"{root}-{number}.{extension}" for number in counter)
            if collision_key(candidate) not in taken
        )
        taken.add(collision_key(final[row]))


def _stem(text: str) -> str:
    """Return the cleaned name without its extension; empty if nothing readable is left."""
    return _escape_device_name(_readable(text))


def _prompt_stem(prompt: str) -> str:
    """Return the start of the prompt, cut at the end of a word if there is one in its second half."""
    stem = _readable(prompt)
    if len(stem) > _PROMPT_CHARACTERS:
        start = _cut(stem, _PROMPT_CHARACTERS, MAX_BYTES)
        words, _blank, _rest = stem[: len(start) + 1].rpartition(" ")
        stem = words if len(words) > _PROMPT_CHARACTERS // 2 else start
    return _escape_device_name(stem.rstrip(" ,;.-"))


def _readable(text: str) -> str:
    text = _visible(text[: 4 * MAX_CHARACTERS])
    text = _PICTURE_EXTENSION.sub("", text.rstrip(" .")).replace('"', "'")
    # A leading hyphen reads as an option in a shell, a leading dot hides the file.
    text = text.rstrip(f" .{_FORBIDDEN}").lstrip(f" .-{_FORBIDDEN}")
    # A leading tilde is a home directory in a shell, and marks temporary files of Office.
    return _FORBIDDEN_RUN.sub("-", _LEADING_TILDES.sub("_", text))


def _escape_device_name(stem: str) -> str:
    return f"_{stem}" if _DEVICE.match(stem) else stem


def _visible(text: str) -> str:
    """Return the text in NFC on one line, without control, bidirectional and other format characters.

    NFC unifies different ways of typing the same text. NFKC would also replace ½, ² and full-width letters, and turn
    harmless look-alikes into slashes and colons.
    """
    text = _BLANK.sub("", " ".join(text.split()))
    unwanted = {c for c in set(text) if c not in _JOINERS and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}}
    text = text.translate(dict.fromkeys(map(ord, unwanted)))
    text = unicodedata.normalize("NFC", _STRAY_JOINER.sub("", text))
    return " ".join(text.split())


def _with_extension(stem: str, extension: str) -> str:
    return f"{_fit(stem, len(extension) + 1)}.{extension}"


def _fit(stem: str, reserved: int) -> str:
    """Cut the stem so that ``reserved`` ASCII characters fit after it."""
    return _cut(stem, MAX_CHARACTERS - reserved, MAX_BYTES - reserved).rstrip(" .")


def _cut(text: str, max_characters: int, max_bytes: int) -> str:
    end = len(text[:max_characters].encode()[:max_bytes].decode(errors="ignore"))
    whole = end
    while 0 < whole < len(text) and _belongs_to_previous(text, whole):
        whole -= 1
    return text[: whole or end]


def _belongs_to_previous(text: str, position: int) -> bool:
    character, previous = text[position], text[position - 1]
    return (
        previous == "\u200d"
        or character in _JOINERS
        or unicodedata.category(character).startswith("M")
        # A skin tone.
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or ("\U0001f1e6" <= character <= "\U0001f1ff" and _ends_in_half_a_flag(text[:position]))
    )


def _ends_in_half_a_flag(text: str) -> bool:
    halves = _FLAG_HALVES.search(text)
    return halves is not None and len(halves.group()) % 2 == 1


def collision_key(name: str) -> str:
    """Return the same key for names that some file system or database may treat as equal."""
    for _ in range(2):  # folding can undo the normalisation: U+0345, U+03D3
        name = unicodedata.normalize("NFKC", name).casefold()
    if name.isascii():
        return name
    name = _IGNORED_MARKS.sub("", name)
    digits = {ord(character): ord("0") + unicodedata.digit(character) for character in set(name) if character.isdigit()}
    return name.translate(_SAME_LETTER | digits)
