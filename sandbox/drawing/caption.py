"""The prompt, written on its picture, readable on any ground."""

import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from .colours import Colour

MAX_LINES = 4
# Tried in this order for letters beyond ASCII, which is all that Pillow's own typeface has.
WIDE_FAMILIES = (
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
    "LiberationSans-Regular.ttf",
    "Arial.ttf",
    "Arial Unicode.ttf",
)
WHITE = (255, 255, 255)


@lru_cache(maxsize=128)
def font(size_pixels: int, family: str = "") -> ImageFont.FreeTypeFont:
    """A typeface of this machine; without a family, the one inside Pillow, so that none need be installed."""
    if family:
        return ImageFont.truetype(family, size_pixels)
    face = ImageFont.load_default(size=size_pixels)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return face


@lru_cache(maxsize=4096)
def _has_glyph(character: str, family: str) -> bool:
    face = font(32, family)
    return bytes(face.getmask(character)) != bytes(face.getmask("\uffff"))


@lru_cache(maxsize=1)
def families() -> list[str]:
    found = [""]
    for family in WIDE_FAMILIES:
        try:
            font(32, family)
        except OSError:
            continue
        found.append(family)
    return found


def printable(text: str) -> tuple[str, str]:
    """The text that can be written and the family of the first typeface that has all of its letters.

    Marks that no typeface has (emoji, accents on a bare machine) are left out; a text in a script that none has is
    described instead: "Prompt in CJK, 12 characters".
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    text = "".join(character for character in text if character.isprintable())
    if not text:
        return "", ""
    letters = {character for character in text if character.isalnum() or character in "¿¡"}
    for family in families():
        if all(_has_glyph(letter, family) for letter in letters):
            return _kept(text, family), family
    bare = _kept("".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)), "")
    if bare and sum(map(str.isalnum, bare)) * 2 >= sum(map(str.isalnum, text)):
        return bare, ""
    return f"Prompt in {_script(text)}, {len(text)} characters", ""


def _kept(text: str, family: str) -> str:
    return " ".join("".join(c for c in text if c == " " or _has_glyph(c, family)).split())


def _script(text: str) -> str:
    name = next((unicodedata.name(c, "?").split()[0] for c in text if c.isalpha()), "symbols")
    return name if name == "CJK" else name.capitalize()


def wrap(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The text in lines no wider than `width` pixels; a longer text ends in an ellipsis."""
    lines = [""]
    for word in text[:600].split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines += _pieces(word, face, width)
    lines = [line for line in lines if line]
    if len(lines) > MAX_LINES:
        lines = lines[:MAX_LINES]
        lines[-1] = lines[-1][: max(1, len(lines[-1]) - 2)].rstrip(" ,.;") + "…"
    return lines


def _pieces(word: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """A word cut where it must be, because it alone is wider than the line."""
    pieces = [""]
    for character in word:
        if face.getlength(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def write(canvas: Image.Image, text: str, shade: Colour) -> None:
    """Write the text in white at the foot of the picture, over a scrim of `shade`."""
    unit = min(canvas.size)
    margin = round(unit * 0.055)
    text, family = printable(text)
    face = font(max(9, round(unit * (0.046 if len(text) <= 90 else 0.034))), family)
    lines = wrap(text, face, canvas.width - 2 * margin)
    if not lines:
        return
    leading = round(face.size * 1.28)
    top = canvas.height - margin - leading * len(lines)
    _scrim(canvas, top - leading * 2, leading * 2, shade)
    ink = ImageDraw.Draw(canvas)
    for number, line in enumerate(lines):
        ink.text((margin, top + number * leading), line, font=face, fill=WHITE)


def _scrim(canvas: Image.Image, top: int, ramp: int, shade: Colour) -> None:
    """Darken from `top` down, deepening over `ramp` pixels."""
    top = max(0, top)
    column = Image.new("L", (1, canvas.height - top))
    column.putdata([round(205 * min(1, y / ramp) ** 1.3) for y in range(column.height)])
    canvas.paste(shade, (0, top), column.resize((canvas.width, column.height), Image.Resampling.NEAREST))


def mark(canvas: Image.Image, text: str, shade: Colour) -> None:
    """Put a small label into the upper right corner."""
    unit = min(canvas.size)
    face = font(max(8, round(unit * 0.021)))
    pad, margin = round(face.size * 0.6), round(unit * 0.03)
    width, height = round(face.getlength(text)) + 2 * pad, round(face.size * 1.2) + pad
    plate = Image.new("L", (width * 2, height * 2))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), radius=height, fill=150)
    left = canvas.width - margin - width
    canvas.paste(shade, (left, margin), plate.reduce(2))
    ImageDraw.Draw(canvas).text((left + width / 2, margin + height / 2), text, font=face, fill=WHITE, anchor="mm")
