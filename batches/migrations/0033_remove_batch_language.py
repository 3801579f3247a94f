from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def copy_to_users(apps, schema_editor):
    Batch, User = apps.get_model("batches", "Batch"), apps.get_model("accounts", "User")
    of_user = Batch.objects.filter(user=OuterRef("pk"), language__in=["en", "es"])
    newest = of_user.order_by("-created_at").values("language")[:1]
    User.objects.update(language=Coalesce(Subquery(newest), "language"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_user_language"),
        ("batches", "0032_enqueued_at"),
    ]

    operations = [
        migrations.RunPython(copy_to_users, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name="batch", name="language"),
    ]
