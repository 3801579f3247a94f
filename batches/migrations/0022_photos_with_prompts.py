import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# A photo costs up to 0.82 US cents with each image (docs/billing.md).
_CREDITS = 2
_CODES = ("gpt-image-2.5-flare", "gpt-image-2.5-sunburst", "gpt-image-2.6-flare", "gpt-image-2.6-sunburst", "gpt-image-2")


def set_price(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("batches", "ImageModel").objects.filter(code__in=_CODES).update(reference_credits=_CREDITS)


class Migration(migrations.Migration):
    dependencies = [("batches", "0021_reference_photos")]

    operations = [
        migrations.AddField(
            model_name="batchreference",
            name="position",
            field=models.PositiveIntegerField(
                default=0, help_text="0: of all prompts that have no photos of their own."
            ),
        ),
        migrations.AddConstraint(
            model_name="batchreference",
            constraint=models.UniqueConstraint(
                fields=("batch", "position", "number"), name="reference_number_once_per_prompt"
            ),
        ),
        # After the new one: MariaDB needs an index that begins with the batch.
        migrations.RemoveConstraint(model_name="batchreference", name="reference_number_once_per_batch"),
        migrations.AlterField(
            model_name="batchreference",
            name="reference",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="links",
                to="batches.reference",
            ),
        ),
        migrations.AddField(
            model_name="prompt",
            name="reference_count",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Sent with the prompt. If some are deleted, it fails.",
                verbose_name="reference photos",
            ),
        ),
        migrations.AddField(
            model_name="imagemodel",
            name="reference_credits",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="What each photo adds to the price of an image. Empty: the model takes no photos.",
                null=True,
                verbose_name="credits per reference photo",
            ),
        ),
        migrations.RunPython(set_price, migrations.RunPython.noop),
    ]
