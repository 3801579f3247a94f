"""One picture for one prompt: the same prompt gives the same picture, another prompt another one."""

import hashlib
import re
from random import Random

from PIL import Image, ImageDraw, ImageOps

from . import brushes, caption
from .colours import Palette
from .scenes import SCENE_WORDS, SCENES

MARK = "sandbox"


def draw(
    prompt: str,
    size: tuple[int, int],
    *,
    variant: int = 0,
    fine: bool = False,
    reference: Image.Image | None = None,
    mask: Image.Image | None = None,
    transparent: bool = False,
) -> Image.Image:
    """Draw the picture of a prompt.

    `size` is in pixels; `variant` tells apart the images of one request; `fine` adds grain.
    A `reference` is set into the picture as a medallion; with a `mask`, the picture fills only what the mask leaves
    transparent. `transparent` rounds the picture off on an alpha channel.
    """
    rng = Random(hashlib.sha256(f"{variant}\n{prompt}".encode()).digest())
    words = set(re.findall(r"\w+", prompt.lower()))
    scene = _scene_name(rng, words)
    palette = Palette.chosen(rng, words, "night" if scene == "night" else "")
    canvas = Image.new("RGB", size)
    SCENES[scene](canvas, rng, palette)
    if reference is not None:
        canvas = _with_reference(canvas, reference, mask)
    if fine:
        canvas = brushes.grain(canvas, rng)
    caption.write(canvas, prompt, palette.shade)
    caption.mark(canvas, MARK, palette.shade)
    return _rounded_off(canvas) if transparent else canvas


def _scene_name(rng: Random, words: set[str]) -> str:
    named = sorted(SCENE_WORDS[word] for word in words if word in SCENE_WORDS)
    by_chance = rng.choice(sorted(SCENES))
    return named[0] if named else by_chance


def _with_reference(canvas: Image.Image, reference: Image.Image, mask: Image.Image | None) -> Image.Image:
    if mask is None:
        return _with_medallion(canvas, reference)
    kept = ImageOps.fit(mask.convert("RGBA").getchannel("A"), canvas.size)
    return Image.composite(ImageOps.fit(reference.convert("RGB"), canvas.size), canvas, kept)


def _with_medallion(canvas: Image.Image, reference: Image.Image) -> Image.Image:
    side = round(min(canvas.size) * 0.42)
    left, top = (canvas.width - side) // 2, round(canvas.height * 0.38 - side / 2)
    brushes.disc(canvas, left + side / 2, top + side / 2, side / 2 + max(2, side * 0.025), caption.WHITE)
    portrait = ImageOps.fit(reference.convert("RGB"), (side, side))
    canvas.paste(portrait, (left, top), brushes.disc_mask(side))
    return canvas


def _rounded_off(canvas: Image.Image) -> Image.Image:
    plate = Image.new("L", (canvas.width * 2, canvas.height * 2))
    radius = min(plate.size) // 14
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), radius=radius, fill=255)
    cut = canvas.convert("RGBA")
    cut.putalpha(plate.reduce(2))
    return cut
