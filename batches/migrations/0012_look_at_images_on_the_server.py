from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone


def look_at_all(apps, schema_editor):
    """Make workers look at each batch with images on the server, and decide when to warn its owner."""
    ready = apps.get_model("batches", "Prompt").objects.filter(batch=OuterRef("pk"), status="ready")
    apps.get_model("batches", "Batch").objects.filter(Exists(ready)).update(expiry_mail_at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0011_mails_about_batches'),
    ]

    operations = [
        migrations.RunPython(look_at_all, migrations.RunPython.noop),
    ]
