"""Existing credits become grants, and existing holds get a time; step two of three."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill_grants(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make a grant of each entry that gave credits, oldest first."""
    for account in apps.get_model("billing", "CreditAccount").objects.filter(grants=None).iterator():
        entries = list(account.entries.filter(amount__gt=0).order_by("id"))
        for entry, remaining in zip(entries, remainders([entry.amount for entry in entries], account.balance), strict=True):
            entry.grant = account.grants.create(
                origin=entry.kind,
                amount=entry.amount,
                remaining=remaining,
                key=entry.key,
                note=entry.note,
                created_at=entry.created_at,
            )
            entry.save(update_fields=["grant"])


def remainders(amounts: list[int], balance: int) -> list[int]:
    """Return what remains of each, oldest first: the oldest were spent first, so the newest have what is left."""
    left, remaining = max(0, balance), []
    for amount in reversed(amounts):
        remaining.append(min(left, amount))
        left -= remaining[-1]
    return remaining[::-1]


def date_holds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give old holds the earliest time that they can have, so that none counts as a start of this hour."""
    hold = apps.get_model("billing", "Hold")
    for pk, joined_at in hold.objects.filter(created_at=None).values_list("pk", "account__user__date_joined").iterator():
        hold.objects.filter(pk=pk).update(created_at=joined_at)


def remove_grants(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forget the grants; the ledger and the balances stay."""
    apps.get_model("billing", "LedgerEntry").objects.exclude(grant=None).update(grant=None)
    apps.get_model("billing", "CreditGrant").objects.all().delete()


class Migration(migrations.Migration):
    """Rows only: one transaction on MariaDB too, so an interruption leaves nothing half done."""

    dependencies = [("billing", "0002_grants_and_memberships")]

    operations = [
        migrations.RunPython(fill_grants, remove_grants),
        migrations.RunPython(date_holds, migrations.RunPython.noop),
    ]
