"""Harmonious palettes, computed in OKLCH so that equal steps look equal."""

import math
from dataclasses import dataclass
from random import Random

Colour = tuple[int, int, int]

HUE_WORDS = {
    "red": 25,
    "rojo": 25,
    "roja": 25,
    "orange": 55,
    "naranja": 55,
    "yellow": 95,
    "amarillo": 95,
    "amarilla": 95,
    "gold": 85,
    "oro": 85,
    "green": 145,
    "verde": 145,
    "forest": 145,
    "bosque": 145,
    "teal": 190,
    "turquesa": 190,
    "blue": 255,
    "azul": 255,
    "sea": 235,
    "mar": 235,
    "ocean": 240,
    "purple": 305,
    "morado": 305,
    "violet": 295,
    "pink": 355,
    "rosa": 355,
}


@dataclass(frozen=True)
class Mood:
    """Lightness of sky and land (0 to 1), how colourful, and how far the hues spread (degrees)."""

    sky_top: float
    sky_bottom: float
    land_far: float
    land_near: float
    chroma: float
    spread: float


MOODS = {
    "dawn": Mood(0.78, 0.94, 0.80, 0.34, 0.085, 70),
    "day": Mood(0.80, 0.95, 0.78, 0.38, 0.100, -55),
    "dusk": Mood(0.48, 0.84, 0.62, 0.24, 0.120, 85),
    "night": Mood(0.20, 0.44, 0.40, 0.14, 0.070, -45),
}


def oklch(lightness: float, chroma: float, hue_degrees: float) -> Colour:
    """An OKLCH colour as sRGB bytes, clipped to the gamut. Source: bottosson.github.io/posts/oklab."""
    a = chroma * math.cos(math.radians(hue_degrees))
    b = chroma * math.sin(math.radians(hue_degrees))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _gamma(linear: float) -> int:
    if linear <= 0.0031308:
        return max(0, round(255 * 12.92 * linear))
    return min(255, round(255 * (1.055 * math.pow(linear, 1 / 2.4) - 0.055)))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` (0 to 1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Palette:
    """The colours of one picture, all derived from one hue and one mood."""

    mood: Mood
    hue: float

    @classmethod
    def chosen(cls, rng: Random, words: set[str], mood: str = "") -> "Palette":
        """A palette for a prompt: a colour word in it decides the hue, else chance does (but no olive, 60 to 125)."""
        named = [HUE_WORDS[word] for word in sorted(words) if word in HUE_WORDS]
        by_chance = rng.uniform(205, 315) if mood == "night" else rng.uniform(125, 420)
        hue = named[0] + rng.uniform(-8, 8) if named else by_chance
        return cls(MOODS[mood or rng.choice(("dawn", "dawn", "day", "day", "dusk"))], hue)

    def sky(self, depth: float) -> Colour:
        """The sky from the zenith (0) to the horizon (1)."""
        lightness = self.mood.sky_top + (self.mood.sky_bottom - self.mood.sky_top) * depth
        return oklch(lightness, self.mood.chroma * (1 - 0.25 * depth), self.hue + self.mood.spread * depth)

    def land(self, depth: float) -> Colour:
        """A layer of land from the far horizon (0) to the foreground (1)."""
        lightness = self.mood.land_far + (self.mood.land_near - self.mood.land_far) * depth
        return oklch(lightness, self.mood.chroma * (0.75 + 0.45 * depth), self.hue + self.mood.spread * (0.8 - depth))

    @property
    def light(self) -> Colour:
        """The sun or the moon."""
        return oklch(0.96, 0.045, 95)

    @property
    def accent(self) -> Colour:
        """The one colour that stands out: the complement, warm and clear."""
        return oklch(0.74, 0.145, self.hue + 180 if abs(self.mood.spread) < 60 else self.hue + 150)

    @property
    def shade(self) -> Colour:
        """Nearly black, tinted: the ground under a caption."""
        return oklch(0.19, 0.035, self.hue)

    def swatches(self) -> list[Colour]:
        """Six flat colours that go together, from light to dark, the accent among them."""
        return [self.sky(1), self.sky(0.2), self.land(0.15), self.accent, self.land(0.6), self.land(1)]
