"""The presets that come with the site. Operators change or delete them; running this again overwrites nothing."""

from itertools import product
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext_noop as _

# A portrait's variants: the person, and what the LinkedIn ones wear.
_VARIANTS = {
    "woman": ("woman", ("a dark green blazer", "a plain navy dress", "a light knitted pullover")),
    "man": ("man", ("a dark blue jacket over an open shirt", "a grey pullover with a collar", "a white shirt")),
    "person": ("person", ("a dark blue blazer", "a grey knitted pullover", "a light blue shirt")),
}
_BACKGROUNDS = {
    "studio": "A plain warm grey studio wall behind",
    "office": "A bright office with plants behind, far out of focus",
    "books": "Book shelves and a reading lamp behind, far out of focus",
    "street": "A quiet street with old facades behind, far out of focus",
}
_PLACES = {
    "blue door": "leaning against a blue wooden door in a sunny lane",
    "café": "reading at a corner table of a small café",
    "pier": "on a windy wooden pier, wrapped in a scarf",
    "kitchen": "cutting vegetables in a bright kitchen",
    "market": "choosing oranges at a market stall",
    "forest": "turning round on a forest path, with a small rucksack",
    "roof": "on a flat roof at dusk while the lights of the city come on",
    "bicycle": "pushing a bicycle along a row of autumn trees",
}
_PRODUCT = "a ceramic mug with a sand-coloured glaze"
_VIEWS = {
    "front": "seen straight from the front on pure white, with a faint shadow where it stands",
    "above": "seen from above and slightly from the side on pure white",
    "flat": "seen straight down on a pale linen cloth",
    "detail": "a close view of surface and rim that fills the picture",
    "in use": "in use on a wooden breakfast table in morning light, without people",
    "props": "between three things that belong to its use, in front of a plain coloured wall",
}
_ICONS = (
    "house", "magnifying glass", "shopping bag", "calendar", "speech bubble", "bell", "map pin", "padlock",
    "gear wheel", "heart", "camera", "paper plane", "bar chart", "gift box", "light bulb", "clock",
)  # fmt: skip
_HERO = "Nilo the otter"
_PAGES = (
    "{} looks out of a hollow willow at the first warm rain of spring",
    "{} finds a small green bottle with a rolled-up letter in the reeds",
    "{} reads the letter under a big leaf, with drops falling all around",
    "{} paddles down the river on a piece of bark, past a sleepy heron",
    "{} asks a very old turtle for the way at a bend of the river",
    "{} climbs over roots in the evening light, with fireflies ahead",
    "{} and a shy little frog with a paper crown meet at a pond full of lanterns",
    "{} and the frog dance on a stone in the pond while all the animals make music",
)
_TITLES = {
    "woman": (_("LinkedIn portraits: woman"), _("Instagram portraits: woman")),
    "man": (_("LinkedIn portraits: man"), _("Instagram portraits: man")),
    "person": (_("LinkedIn portraits"), _("Instagram portraits")),
}


def _linkedin(variant: str) -> dict[str, Any]:
    person, clothes = _VARIANTS[variant]
    looks = list(product(_BACKGROUNDS.items(), enumerate(clothes, start=1)))
    return {
        "title": _TITLES[variant][0],
        "description": _("Head and shoulders in three outfits, each in front of four backgrounds."),
        "prompts": [
            f"Business portrait of the {person} in the reference photo, head and shoulders, wearing {wear}. Same face, age, "
            f"skin tone and hairstyle as in the photo, glasses only if the photo has them. {behind}. Soft window light "
            "from one side, a calm and friendly look into the camera, some room above the head."
            for (_place, behind), (_number, wear) in looks
        ],
        "names": [f"linkedin {place} {number}" for (place, _behind), (number, _wear) in looks],
        "style": "Natural portrait photograph, true skin texture, no beauty retouching",
        "quality": "medium", "format": "jpg", "ratio": "1:1", "needs_reference": True,
    }  # fmt: skip


def _instagram(variant: str) -> dict[str, Any]:
    person = _VARIANTS[variant][0]
    return {
        "title": _TITLES[variant][1],
        "description": _("Eight everyday places, from head to foot, in portrait format."),
        "prompts": [
            f"Photograph of the {person} in the reference photo, {place}. Same face, age, build, skin tone and hairstyle as "
            "in the photo, everyday clothes that fit the place, an unposed moment, from head to foot in the picture."
            for place in _PLACES.values()
        ],
        "names": [f"instagram {name}" for name in _PLACES],
        "style": "Natural photograph, daylight colours, background slightly out of focus",
        "quality": "medium", "format": "jpg", "ratio": "9:16", "needs_reference": True,
    }  # fmt: skip


def _presets() -> dict[str, dict[str, Any]]:
    """Return the values of each preset by its slug, in the order of the menu."""
    portraits = {f"linkedin-{variant}": _linkedin(variant) for variant in _VARIANTS}
    portraits |= {f"instagram-{variant}": _instagram(variant) for variant in _VARIANTS}
    return portraits | {
        "product-photo": {
            "title": _("Product photo"),
            "description": _("Six views of one product. Replace the mug with yours in every line."),
            "prompts": [f"{_PRODUCT[0].upper()}{_PRODUCT[1:]}, {view}." for view in _VIEWS.values()],
            "names": [f"product {name}" for name in _VIEWS],
            "style": "Photograph for a shop, true colours, the whole product sharp, no text, no logos",
            "quality": "high", "format": "jpg", "ratio": "1:1",
        },
        "icon-set": {
            "title": _("Icon set"),
            "description": _("Sixteen icons of one family. Change the colour in the style."),
            "prompts": [f"One icon of a {thing}, from the front, in the middle, with an even margin" for thing in _ICONS],
            "names": [f"icon {thing}" for thing in _ICONS],
            "style": "Flat drawing in dark teal on white, lines of one width, round corners, no text, no shadow, no frame",
            "quality": "low", "format": "png", "ratio": "1:1",
        },
        "storybook": {
            "title": _("Storybook"),
            "description": _("Eight pages of a picture book with the same hero on each."),
            "prompts": [page.format(_HERO) for page in _PAGES],
            "names": [f"page {number}" for number in range(1, len(_PAGES) + 1)],
            "style": (
                "Picture book for children, watercolour and ink, soft greens and yellows, grainy paper, no text. "
                f"{_HERO} looks the same on every page: round cheeks, one white ear, a yellow raincoat with a hood"
            ),
            "quality": "medium", "format": "png", "ratio": "16:9",
        },
    }  # fmt: skip


def add_presets(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add each preset that is not there yet."""
    preset = apps.get_model("batches", "Preset")
    for place, (slug, values) in enumerate(_presets().items(), start=1):
        lists = {name: "\n".join(values[name]) for name in ("prompts", "names")}
        preset.objects.get_or_create(slug=slug, defaults={**values, **lists, "menu_order": 10 * place})


class Migration(migrations.Migration):
    dependencies = [("batches", "0015_presets")]

    operations = [migrations.RunPython(add_presets, migrations.RunPython.noop)]
