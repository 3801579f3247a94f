from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("batches", "0031_labels_for_operators")]

    operations = [migrations.RenameField("batch", "hinted_at", "enqueued_at")]
