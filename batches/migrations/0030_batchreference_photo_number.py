from django.db import migrations, models
from django.db.models import F


def number_photos(apps, schema_editor):
    """Number the photos of whole batches. Those of rows stay 0, so pages don't show them."""
    links = apps.get_model("batches", "BatchReference").objects.filter(position=0)
    links.update(photo_number=F("number"))


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0029_video_seconds_of_presets'),
    ]

    operations = [
        migrations.AddField(
            model_name='batchreference',
            name='photo_number',
            field=models.PositiveSmallIntegerField(default=0, help_text='Of the photo in its batch.'),
        ),
        migrations.RunPython(number_photos, migrations.RunPython.noop, elidable=True),
    ]
