"""A million prompts and ledger entries, written by the database itself. Run inside a site on MariaDB."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.models import User
from batches.models import Batch, Prompt
from bench.inside import signed_in
from billing.models import CreditAccount, Hold, LedgerEntry
from tests.engine import acts

CUSTOMERS, BATCHES, DAYS = 200, 1_000, 100
TEXT = "CONCAT(MD5(seq), ' a lighthouse at dusk in the style of a watercolour ', REPEAT(MD5(seq + 1), 7))"


def a_million_prompts() -> dict[str, Any]:
    """Return a superuser's session and the addresses of the admin's large lists."""
    _make_batches()
    template = Prompt.objects.first()
    assert template
    _copy(
        Prompt,
        template.pk,
        "JOIN seq_1_to_1000 JOIN batches_batch b ON b.title = 'bench'",
        batch_id="b.id",
        position="seq",
        text=TEXT,
        file_name="CONCAT(seq, '.png')",
        status="IF(seq % 50 = 0, 'failed', 'expired')",
        error_code="IF(seq % 50 = 0, IF(seq % 100 = 0, 'refused', 'upstream_error'), '')",
        request_id="CONCAT('req_', MD5(CONCAT(b.id, seq)))",
        ready_at="IF(seq % 50 = 0, NULL, b.created_at)",
    )
    grant = LedgerEntry.objects.first()
    assert grant
    _copy(
        LedgerEntry,
        grant.pk,
        "JOIN batches_prompt p JOIN batches_batch b ON b.id = p.batch_id JOIN billing_hold h ON h.id = b.hold_id",
        account_id="h.account_id",
        kind="'image'",
        amount="-1",
        key="CONCAT('prompt:', p.id)",
        note="LEFT(p.text, 200)",
        grant_id="NULL",
        hold_id="h.id",
        created_at="b.created_at",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE batches_prompt, billing_ledgerentry, batches_batch")
    olga = User.objects.create_superuser("olga@example.org")
    return {"session": signed_in(olga)[1], **_addresses()}


def _make_batches() -> None:
    acts.submit("alice@example.org", "template", [["a cat"]])
    one = Batch.objects.get()
    users = User.objects.bulk_create(User(email=f"customer-{n}@example.org") for n in range(CUSTOMERS))
    accounts = CreditAccount.objects.bulk_create(CreditAccount(user=user) for user in users)
    holds = Hold.objects.bulk_create(Hold(account=accounts[n % CUSTOMERS], key=f"bench:{n}") for n in range(BATCHES))
    rows = [{**_values(one), "id": uuid.uuid4(), "submission_key": uuid.uuid4()} for _ in holds]
    for row, hold in zip(rows, holds, strict=True):
        row |= {"hold_id": hold.pk, "user_id": hold.account.user_id, "title": "bench", "status": "finished"}
    batches = Batch.objects.bulk_create(Batch(**row) for row in rows)
    for n, batch in enumerate(batches):
        batch.created_at -= timedelta(days=n % DAYS)
    Batch.objects.bulk_update(batches, ["created_at"])


def _values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _copy(model: type[Model], pk: int, joins: str, **expressions: str) -> None:
    """Copy a row once for each row of the joined tables, with other values in some columns."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    selected = ", ".join(expressions.get(column, f"t.`{column}`") for column in columns)
    names = ", ".join(f"`{column}`" for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {selected} FROM {table} t {joins} WHERE t.id = {pk:d}")  # noqa: S608


def _addresses() -> Mapping[str, dict[str, str]]:
    batch = Batch.objects.filter(title="bench").select_related("user").first()
    assert batch
    day, email = f"{batch.created_at:%Y-%m-%d}", batch.user.email
    prompts, entries = "/admin/batches/prompt/", "/admin/billing/ledgerentry/"
    return {
        "lists": {
            "first page": "/admin/",
            "customers": "/admin/accounts/user/",
            "batches": "/admin/batches/batch/",
            "prompts": prompts,
            "failed prompts": f"{prompts}?status__exact=failed",
            "prompts, page 100": f"{prompts}?p=100",
            "prompts of a batch": f"{prompts}?batch__id__exact={batch.pk}",
            "prompts of a customer": f"{prompts}?batch__user__id__exact={batch.user_id}",
            "ledger entries": entries,
            "ledger entries of a customer": f"{entries}?account__user__id__exact={batch.user_id}",
            "page of a customer": f"/admin/accounts/user/{batch.user_id}/change/",
            "page of a batch": f"/admin/batches/batch/{batch.pk}/change/",
        },
        "searches": {
            "prompts by a word and a batch": f"{prompts}?q={batch.pk}+lighthouse",
            "prompts by a word and a customer": f"{prompts}?q={email}+lighthouse",
            "prompts by a word and a day": f"{prompts}?q={day}+lighthouse",
            "prompts by a word that is not there, and a customer": f"{prompts}?q={email}+submarine",
            "prompt by request id": f"{prompts}?q=req_nothing",
            "ledger entry by key": f"{entries}?q=prompt:500000",
            "ledger entries of a day": f"{entries}?q={day}",
            "customer by batch id": f"/admin/accounts/user/?q={batch.pk}",
        },
    }
