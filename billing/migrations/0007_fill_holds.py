"""Entries of images say which batch they are of, so that the statement can show a batch as one line."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps as Apps
from django.db.models import OuterRef, Subquery


def fill_holds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    prompts = apps.get_model("batches", "Prompt").objects.filter(charge=OuterRef("pk"))
    images = apps.get_model("billing", "LedgerEntry").objects.filter(kind="image", hold=None)
    images.update(hold=Subquery(prompts.values("batch__hold")[:1]))


class Migration(migrations.Migration):
    """Rows only: one transaction on MariaDB too, so an interruption leaves nothing half done."""

    dependencies = [("billing", "0006_payments"), ("batches", "0010_plain_labels")]

    operations = [migrations.RunPython(fill_holds, migrations.RunPython.noop)]
