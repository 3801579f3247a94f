from django.db import migrations

BEFORE = "Six views of one product. Replace the mug by yours in every line."
AFTER = "Six views of one product. Replace the mug with yours in every line."


def reword(apps, schema_editor):
    apps.get_model("batches", "Preset").objects.filter(slug="product-photo", description=BEFORE).update(description=AFTER)


class Migration(migrations.Migration):
    dependencies = [("batches", "0033_remove_batch_language")]

    operations = [migrations.RunPython(reword, migrations.RunPython.noop, elidable=True)]
