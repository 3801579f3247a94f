

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0007_fill_holds'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='other_subscriptions',
            field=models.CharField(blank=True, help_text='The customer pays for these too. Cancel all but one in Stripe.', max_length=255, verbose_name='other subscriptions at Stripe'),
        ),
    ]
