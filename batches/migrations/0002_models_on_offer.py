"""The models on offer at the start, with what OpenAI bills for a square image (docs/billing.md)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext_noop as _

# (quality, credits, upstream cost in US cents)
_CENTS_2_5 = (("low", 1, "0.59"), ("medium", 2, "1.32"), ("high", 8, "5.27"), ("xhigh", 14, "9.37"), ("max", 32, "21.07"))
_CENTS_2 = (("low", 1, "0.59"), ("medium", 8, "5.27"), ("high", 32, "21.07"))
# OpenAI has published no table for 2.6: low and medium use three to four times the tokens of 2.5.
_CENTS_2_6 = (("low", 4, "2.36"), ("medium", 8, "5.27"), ("high", 8, "5.27"), ("xhigh", 14, "9.37"), ("max", 32, "21.07"))

# Marked for translation: pages show these hints in the customer's language.
MODELS = (
    ("gpt-image-2.5-flare", "GPT Image 2.5 Flare", _("Fast and cheap: the usual choice"), 10, _CENTS_2_5, False),
    ("gpt-image-2.5-sunburst", "GPT Image 2.5 Sunburst", _("More detail, slower"), 20, _CENTS_2_5, False),
    ("gpt-image-2.6-flare", "GPT Image 2.6 Flare", _("The newest, for drafts"), 30, _CENTS_2_6, True),
    ("gpt-image-2.6-sunburst", "GPT Image 2.6 Sunburst", _("The newest, for detail"), 40, _CENTS_2_6, True),
    ("gpt-image-2", "GPT Image 2", _("The one before"), 50, _CENTS_2, False),
)


def add_models(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add each model that is not there yet."""
    image_model, model_quality = apps.get_model("batches", "ImageModel"), apps.get_model("batches", "ModelQuality")
    for code, label, hint, menu_order, prices, estimated in MODELS:
        row, is_new = image_model.objects.get_or_create(
            code=code, defaults={"label": label, "hint": hint, "menu_order": menu_order}
        )
        for quality, credits, cents in prices if is_new else ():
            model_quality.objects.create(
                image_model=row, quality=quality, credits=credits,
                upstream_cost_cents=cents, upstream_cost_is_estimated=estimated,
            )


class Migration(migrations.Migration):
    """Fill the catalogue; operators change it from then on."""

    dependencies = [("batches", "0001_initial")]

    operations = [migrations.RunPython(add_models, migrations.RunPython.noop)]
