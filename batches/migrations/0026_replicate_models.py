"""A few models at Replicate. Its prices are estimates, so only one is on offer until an operator has checked them."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext_noop as _

_FILM = {"prompt": "$prompt", "duration": "$seconds", "aspect_ratio": "$ratio", "image": "$first_frame"}
_VEO = {
    "input": {**_FILM, "resolution": "720p", "generate_audio": False},
    "seconds": [4, 6, 8],
    "ratios": ["16:9", "9:16"],
}
_SEEDANCE = {
    "input": {**_FILM, "generate_audio": False},
    "by_quality": {"low": {"resolution": "480p"}, "medium": {"resolution": "720p"}},
    "seconds": [5, 8, 12],
}
_FLUX = {"input": {"prompt": "$prompt", "aspect_ratio": "$ratio", "output_format": "$format"}}
# (code, label, hint, makes, inputs, enabled, prices: quality, credits and US cents of a second or an image)
MODELS = (
    ("google/veo-3.1-fast", "Veo 3.1 Fast", _("Short videos without sound"), "video", _VEO, True, [("low", 16, 10)]),
    ("google/veo-3.1", "Veo 3.1", _("Videos with more detail, without sound"), "video", _VEO, False, [("low", 31, 20)]),
    (
        "bytedance/seedance-2.0-fast", "Seedance 2.0 Fast", _("Longer videos, also square"), "video", _SEEDANCE, False,
        [("low", 13, 8), ("medium", 23, 15)],
    ),
    ("black-forest-labs/flux-2-pro", "FLUX.2 Pro", _("Photos"), "image", _FLUX, False, [("low", 8, 5)]),
)  # fmt: skip


def add_models(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add each model that is not there yet."""
    image_model, model_quality = apps.get_model("batches", "ImageModel"), apps.get_model("batches", "ModelQuality")
    for number, (code, label, hint, makes, inputs, enabled, prices) in enumerate(MODELS):
        facts = {"label": label, "hint": hint, "provider": "replicate", "makes": makes, "inputs": inputs}
        facts["reference_credits"] = 0 if "$first_frame" in inputs["input"].values() else None
        row, is_new = image_model.objects.get_or_create(
            code=code, defaults={**facts, "enabled": enabled, "menu_order": 200 + number}
        )
        for quality, credits, cents in prices if is_new else ():
            model_quality.objects.create(
                image_model=row, quality=quality, credits=credits,
                upstream_cost_cents=cents, upstream_cost_is_estimated=True,
            )  # fmt: skip


class Migration(migrations.Migration):
    """Fill the catalogue; operators change it from then on."""

    dependencies = [("batches", "0025_videos")]

    operations = [migrations.RunPython(add_models, migrations.RunPython.noop)]
