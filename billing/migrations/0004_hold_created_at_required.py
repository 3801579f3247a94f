"""Every hold has its time; step three of three."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0003_fill_grants'),
    ]

    operations = [
        migrations.AlterField(
            model_name='hold',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='at'),
        ),
    ]
