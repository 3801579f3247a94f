"""The proof that the books are right."""

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from billing.models import CreditAccount


def unbalanced_accounts() -> list[str]:
    """Return one line for each account whose balance or holds differ from what explains them."""
    entries = CreditAccount.objects.annotate(explained=Coalesce(Sum("entries__amount"), 0))
    holds = CreditAccount.objects.annotate(explained=Coalesce(Sum("holds__credits"), 0))
    lines = [
        f"{account.user}: balance {account.balance}, ledger {account.explained}"
        for account in entries.exclude(balance=F("explained")).select_related("user")
    ]
    lines += [
        f"{account.user}: held {account.held}, holds {account.explained}"
        for account in holds.exclude(held=F("explained")).select_related("user")
    ]
    return lines
