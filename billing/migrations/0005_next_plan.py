"""A change to a cheaper plan waits for the end of the period: customers see it coming."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_hold_created_at_required'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='next_plan_key',
            field=models.CharField(blank=True, help_text='From the next period on; empty: the same.', max_length=30, verbose_name='next plan'),
        ),
    ]
