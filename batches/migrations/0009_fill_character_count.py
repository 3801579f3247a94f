from django.db import migrations
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Length


def count_characters(apps, schema_editor):
    prompts = apps.get_model("batches", "Prompt").objects.filter(batch=OuterRef("pk")).order_by().values("batch")
    counted = prompts.annotate(count=Sum(Length("text") + Length("style") + Length("name"))).values("count")
    apps.get_model("batches", "Batch").objects.update(character_count=Coalesce(Subquery(counted), 0))


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0008_character_count'),
    ]

    operations = [
        migrations.RunPython(count_characters, migrations.RunPython.noop),
    ]
