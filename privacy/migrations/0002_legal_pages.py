from django.db import migrations

KINDS = ("terms", "privacy", "refunds", "contact")


def add_pages(apps, schema_editor):
    LegalPage = apps.get_model("privacy", "LegalPage")
    LegalPage.objects.bulk_create(LegalPage(kind=kind, language=language) for kind in KINDS for language in ("en", "es"))


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [migrations.RunPython(add_pages, migrations.RunPython.noop)]
