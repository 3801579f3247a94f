"""The motifs. Each paints one canvas from a random source and a palette; sizes follow the shorter edge."""

from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

from . import brushes
from .colours import Palette, mix

Scene = Callable[[Image.Image, Random, Palette], None]

SCENE_WORDS = {
    "night": "night",
    "noche": "night",
    "moon": "night",
    "luna": "night",
    "star": "night",
    "stars": "night",
    "space": "night",
    "sea": "waves",
    "mar": "waves",
    "ocean": "waves",
    "beach": "waves",
    "playa": "waves",
    "river": "waves",
    "water": "waves",
    "agua": "waves",
    "mountain": "hills",
    "mountains": "hills",
    "forest": "hills",
    "bosque": "hills",
    "valley": "hills",
    "sunset": "hills",
    "logo": "tiles",
    "pattern": "tiles",
    "poster": "arches",
    "rainbow": "arches",
    "abstract": "orbs",
    "bubbles": "orbs",
}


def _sky(canvas: Image.Image, palette: Palette) -> None:
    canvas.paste(brushes.gradient(canvas.size, palette.sky(0), palette.sky(1)))


def _sun(
    canvas: Image.Image, rng: Random, palette: Palette, height: float, shape: Callable[..., None] = brushes.disc
) -> None:
    x, y = canvas.width * rng.uniform(0.25, 0.75), canvas.height * height
    radius = min(canvas.size) * rng.uniform(0.075, 0.12)
    brushes.glow(canvas, x, y, radius * 4.5, palette.light)
    shape(canvas, x, y, radius, palette.light)


def _layers(canvas: Image.Image, rng: Random, palette: Palette, start: float, count: int) -> None:
    """Hills behind hills, each with mist at its foot so that the next one stands out."""
    unit, (width, height) = min(canvas.size), canvas.size
    for layer in range(count):
        depth = layer / (count - 1)
        base = height * (start + (0.92 - start) * depth)
        swing = unit * (0.05 + 0.045 * rng.random()) * (1.15 - 0.5 * depth)
        line = brushes.ridge(rng, width, unit, base, swing, 1.5 - 0.7 * depth)
        colour = palette.land(depth)
        brushes.fill_below(canvas, line, colour, mix(colour, palette.sky(1), 0.55 * (1 - depth)))


def hills(canvas: Image.Image, rng: Random, palette: Palette) -> None:
    """Misty hills under a low sun."""
    _sky(canvas, palette)
    _sun(canvas, rng, palette, rng.uniform(0.24, 0.42))
    _layers(canvas, rng, palette, rng.uniform(0.46, 0.54), 6)


def night(canvas: Image.Image, rng: Random, palette: Palette) -> None:
    """The same hills by moonlight, with stars."""
    _sky(canvas, palette)
    unit = min(canvas.size)
    for _ in range(70):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height * 0.55)
        brushes.disc(
            canvas, x, y, unit * rng.choice((0.0012, 0.0016, 0.0024)), palette.light, round(rng.uniform(0.35, 1), 1)
        )
    _sun(canvas, rng, palette, rng.uniform(0.18, 0.32), rng.choice((brushes.disc, brushes.crescent)))
    _layers(canvas, rng, palette, 0.55, 5)


def waves(canvas: Image.Image, rng: Random, palette: Palette) -> None:
    """A sun that sets into many rows of waves."""
    _sky(canvas, palette)
    unit, (width, height) = min(canvas.size), canvas.size
    horizon = rng.uniform(0.40, 0.48)
    _sun(canvas, rng, palette, horizon - 0.07)
    for row in range(9):
        depth = row / 8
        line = brushes.ridge(
            rng, width, unit, height * (horizon + 0.56 * depth**1.35), unit * (0.006 + 0.03 * depth), 3.2 - 2 * depth
        )
        crest = mix(palette.land(depth), palette.light, 0.42 - 0.25 * depth)
        brushes.fill_below(canvas, line, crest, palette.land(depth * 0.9))


def orbs(canvas: Image.Image, rng: Random, palette: Palette) -> None:
    """Large discs of coloured glass over a gradient."""
    _sky(canvas, palette)
    unit, (width, height) = min(canvas.size), canvas.size
    colours = [palette.land(0.2), palette.accent, palette.light, palette.land(0.45), palette.sky(0), palette.land(0.65)]
    turns = [lambda fade, angle=angle: fade.rotate(angle) for angle in (0, 90, 180, 270)]
    rng.shuffle(colours)
    for number, colour in enumerate(colours):
        x = width * (0.12 + 0.76 * ((number * 0.382 + rng.uniform(0, 0.2)) % 1))
        brushes.glass(
            canvas, x, height * rng.uniform(0.12, 0.74), unit * rng.uniform(0.14, 0.34), colour, rng.choice(turns)
        )
    brushes.disc(canvas, width * rng.uniform(0.2, 0.8), height * rng.uniform(0.15, 0.5), unit * 0.035, palette.accent)


def arches(canvas: Image.Image, rng: Random, palette: Palette) -> None:
    """Concentric arches that stand on a plain, with a sun behind."""
    _sky(canvas, palette)
    unit, (width, height) = min(canvas.size), canvas.size
    ground = height * rng.uniform(0.70, 0.76)
    _sun(canvas, rng, palette, rng.uniform(0.16, 0.3))
    colours = [palette.land(1), palette.accent, palette.land(0.25), palette.land(0.6), palette.sky(0.9)]
    for x, radius in sorted(
        ((rng.uniform(0.2, 0.8), 0.44), (rng.uniform(0.05, 0.3), 0.26), (rng.uniform(0.7, 0.95), 0.3)),
        key=lambda arch: -arch[1],
    )[: 2 + rng.randrange(2)]:
        for ring, colour in enumerate(colours):
            brushes.disc(canvas, width * x, ground, unit * radius * (1 - 0.19 * ring), colour)
        rng.shuffle(colours)
    line = brushes.ridge(rng, width, unit, ground, unit * 0.008, 0.8)
    brushes.fill_below(canvas, line, palette.land(0.75), palette.land(1))


def tiles(canvas: Image.Image, rng: Random, palette: Palette) -> None:
    """A mosaic of quarter circles, leaves and dots."""
    unit = min(canvas.size)
    cell = -(-unit // rng.choice((4, 5, 6)))
    shapes, colours = _tile_shapes(cell), palette.swatches()
    for top in range(0, canvas.height, cell):
        for left in range(0, canvas.width, cell):
            ground, figure = rng.sample(colours, 2)
            canvas.paste(ground, (left, top, left + cell, top + cell))
            canvas.paste(figure, (left, top), rng.choice(shapes))


def _tile_shapes(cell: int) -> list[Image.Image]:
    size = cell * 3
    quarter, leaf, dot, ring = (Image.new("L", (size, size)) for _ in range(4))
    ImageDraw.Draw(quarter).ellipse((-size, -size, size - 1, size - 1), fill=255)
    other = Image.new("L", (size, size))
    ImageDraw.Draw(other).ellipse((0, 0, 2 * size, 2 * size), fill=255)
    leaf.paste(255, (0, 0), quarter)
    leaf = Image.composite(leaf, Image.new("L", (size, size)), other)
    ImageDraw.Draw(dot).ellipse((size * 0.2, size * 0.2, size * 0.8, size * 0.8), fill=255)
    ImageDraw.Draw(ring).ellipse((0, 0, size - 1, size - 1), fill=255)
    turns = [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
    smooth = [shape.reduce(3) for shape in (quarter, leaf, dot, ring)]
    return smooth + [shape.transpose(turn) for shape in smooth[:2] for turn in turns] + [smooth[0]]


SCENES: dict[str, Scene] = {
    "hills": hills,
    "waves": waves,
    "night": night,
    "orbs": orbs,
    "arches": arches,
    "tiles": tiles,
}
