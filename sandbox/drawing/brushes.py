"""Smooth edges without supersampling the whole picture: Pillow's own shapes are not antialiased."""

import math
from collections.abc import Callable
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw

from .colours import Colour, mix

Ridge = list[tuple[float, float]]


def gradient(size: tuple[int, int], upper: Colour, lower: Colour) -> Image.Image:
    """A vertical gradient that fills `size` (pixels)."""
    width, height = max(1, size[0]), max(1, size[1])
    column = Image.new("RGB", (1, height))
    column.putdata([mix(upper, lower, y / height) for y in range(height)])
    return column.resize((width, height), Image.Resampling.NEAREST)


def ridge(rng: Random, width: int, unit: float, base: float, height: float, cycles: float) -> Ridge:
    """A rolling line across the picture: three waves of falling strength.

    `base` is its middle and `height` its swing in pixels; `cycles` is the number of waves in one `unit`.
    """
    waves = [
        (share, cycles * pace * rng.uniform(0.8, 1.25), rng.uniform(0, math.tau))
        for share, pace in ((0.68, 1), (0.26, 1.9), (0.06, 3.7))
    ]
    step = max(2, width // 256)

    def level(x: int) -> float:
        return base + height * sum(share * math.sin(math.tau * pace * x / unit + phase) for share, pace, phase in waves)

    return [(x, level(x)) for x in range(0, width + step, step)]


def fill_below(canvas: Image.Image, line: Ridge, upper: Colour, lower: Colour) -> None:
    """Paint a gradient below a line. Only the band that the line crosses is antialiased, and only downwards."""
    width, height = canvas.size
    top = max(0, math.floor(min(y for _, y in line)))
    bottom = min(height, math.ceil(max(y for _, y in line)) + 1)
    if bottom <= top:
        return
    fill = gradient((width, height - top), upper, lower)
    band = Image.new("L", (width, (bottom - top) * 4))
    edge = [(x, (y - top) * 4) for x, y in line]
    ImageDraw.Draw(band).polygon([*edge, (edge[-1][0], band.height), (0, band.height)], fill=255)
    canvas.paste(fill.crop((0, 0, width, bottom - top)), (0, top), band.reduce((1, 4)))
    canvas.paste(fill.crop((0, bottom - top, width, height - top)), (0, bottom))


@lru_cache(maxsize=64)
def disc_mask(diameter: int) -> Image.Image:
    mask = Image.new("L", (diameter * 2, diameter * 2))
    ImageDraw.Draw(mask).ellipse((0, 0, diameter * 2 - 1, diameter * 2 - 1), fill=255)
    return mask.reduce(2)


@lru_cache(maxsize=16)
def _fading_mask(diameter: int, strength: float) -> Image.Image:
    fade = Image.radial_gradient("L").point(
        [round(strength * max(0, 255 - v * 1.42) ** 1.6 / 27.8) for v in range(256)]
    )
    return fade.resize((diameter, diameter), Image.Resampling.BICUBIC)


def disc(canvas: Image.Image, x: float, y: float, radius: float, colour: Colour, opacity: float = 1.0) -> None:
    """Paint a round spot with a smooth edge; centre and radius in pixels, opacity from 0 to 1."""
    diameter = max(2, round(radius * 2))
    mask = disc_mask(diameter)
    if opacity < 1:
        mask = mask.point(lambda value: value * opacity)
    canvas.paste(colour, (round(x - radius), round(y - radius)), mask)


def crescent(canvas: Image.Image, x: float, y: float, radius: float, colour: Colour) -> None:
    """Paint a waxing moon: a disc without the part that a second disc would hide."""
    diameter = max(2, round(radius * 2))
    mask = disc_mask(diameter)
    shadow = ImageChops.offset(mask, -diameter // 3, -diameter // 8)
    shadow.paste(0, (diameter - diameter // 3, 0, diameter, diameter))
    shadow.paste(0, (0, diameter - diameter // 8, diameter, diameter))
    canvas.paste(colour, (round(x - radius), round(y - radius)), ImageChops.subtract(mask, shadow))


def glass(
    canvas: Image.Image, x: float, y: float, radius: float, colour: Colour, turn: Callable[[Image.Image], Image.Image]
) -> None:
    """Paint a disc that fades from one side to the other; `turn` rotates the fade."""
    diameter = max(2, round(radius * 2))
    fade = turn(Image.linear_gradient("L").point([40 + v * 190 // 255 for v in range(256)]))
    mask = ImageChops.multiply(disc_mask(diameter), fade.resize((diameter, diameter), Image.Resampling.BILINEAR))
    canvas.paste(colour, (round(x - radius), round(y - radius)), mask)


def glow(canvas: Image.Image, x: float, y: float, radius: float, colour: Colour, strength: float = 0.8) -> None:
    """Paint light that fades with the distance from its centre."""
    canvas.paste(colour, (round(x - radius), round(y - radius)), _fading_mask(round(radius * 2), strength))


def grain(canvas: Image.Image, rng: Random) -> Image.Image:
    """The picture under a light film grain (three steps up or down), which also hides banding."""
    noise = Image.frombytes("L", canvas.size, rng.randbytes(canvas.width * canvas.height))
    noise = noise.point([value * 7 // 256 for value in range(256)])
    return ImageChops.add(canvas, Image.merge("RGB", (noise, noise, noise)), 1, -3)
