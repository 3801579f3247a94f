"""Grants and memberships, empty; step one of three."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(choices=[('free', 'Free credits'), ('plan', 'Plan'), ('pack', 'Pack'), ('operator', 'Given by an operator'), ('goodwill', 'Goodwill')], max_length=12, verbose_name='origin')),
                ('amount', models.PositiveIntegerField(verbose_name='credits')),
                ('remaining', models.PositiveIntegerField(verbose_name='remaining')),
                ('expires_at', models.DateTimeField(blank=True, help_text='Empty: never.', null=True, verbose_name='expires')),
                ('key', models.CharField(help_text='The fact that was booked, e.g. in:<invoice>.', max_length=100, unique=True, verbose_name='business key')),
                ('note', models.CharField(blank=True, max_length=255, verbose_name='note')),
                ('payment_intent', models.CharField(blank=True, db_index=True, max_length=255, verbose_name='payment at Stripe')),
                ('invoice', models.CharField(blank=True, db_index=True, max_length=255, verbose_name='invoice at Stripe')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
            ],
            options={
                'verbose_name': 'credit grant',
                'verbose_name_plural': 'credit grants',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plan_key', models.CharField(max_length=30, verbose_name='plan')),
                ('source', models.CharField(choices=[('stripe', 'Subscription'), ('operator', 'Given by an operator')], max_length=10, verbose_name='paid by')),
                ('status', models.CharField(choices=[('active', 'Active'), ('past_due', 'Payment failed'), ('ending', 'Ends soon'), ('ended', 'Ended')], default='active', max_length=10, verbose_name='status')),
                ('period_start', models.DateTimeField(verbose_name='period from')),
                ('period_end', models.DateTimeField(verbose_name='period until')),
                ('cancel_at', models.DateTimeField(blank=True, help_text='Empty: it renews.', null=True, verbose_name='ends')),
                ('grace_until', models.DateTimeField(blank=True, null=True, verbose_name='payment awaited until')),
                ('stripe_subscription', models.CharField(blank=True, db_index=True, max_length=255, verbose_name='subscription at Stripe')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
            },
        ),
        migrations.CreateModel(
            name='MembershipEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, max_length=10, verbose_name='from')),
                ('to_status', models.CharField(max_length=10, verbose_name='to')),
                ('plan_key', models.CharField(max_length=30, verbose_name='plan')),
                ('period_end', models.DateTimeField(verbose_name='period until')),
                ('reason', models.CharField(blank=True, max_length=255, verbose_name='reason')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
            ],
            options={
                'verbose_name': 'membership event',
                'verbose_name_plural': 'membership events',
                'ordering': ('-id',),
            },
        ),
        migrations.AddField(
            model_name='hold',
            name='created_at',
            field=models.DateTimeField(null=True, verbose_name='at'),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('free', 'Free credits'), ('plan', 'Plan'), ('pack', 'Pack'), ('operator', 'Given by an operator'), ('goodwill', 'Goodwill'), ('image', 'Image'), ('expiry', 'Expired'), ('refund', 'Refund'), ('dispute', 'Disputed payment')], max_length=12, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(fields=['account', 'created_at'], name='hold_account_created'),
        ),
        migrations.AddField(
            model_name='creditgrant',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='billing.creditaccount', verbose_name='account'),
        ),
        migrations.AddField(
            model_name='ledgerentry',
            name='grant',
            field=models.ForeignKey(blank=True, help_text='The credits that came in, expired or were paid back. An image may use several grants.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='billing.creditgrant', verbose_name='grant'),
        ),
        migrations.AddField(
            model_name='membership',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='membership', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='actor',
            field=models.ForeignKey(blank=True, help_text='Empty: Stripe, or the clock.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='billing.membership', verbose_name='membership'),
        ),
        migrations.AddIndex(
            model_name='creditgrant',
            index=models.Index(fields=['account', 'remaining'], name='grant_account_remaining'),
        ),
        migrations.AddConstraint(
            model_name='creditgrant',
            constraint=models.CheckConstraint(condition=models.Q(('remaining__gte', 0), ('remaining__lte', models.F('amount'))), name='grant_remaining_within_amount'),
        ),
    ]
