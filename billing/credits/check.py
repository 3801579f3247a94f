from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from billing.models import CreditAccount


def unbalanced_accounts() -> list[str]:
    return [
        *_lines(
            _explained_by("entries__amount").exclude(balance=F("explained")),
            "balance {0.balance}, ledger {0.explained}",
        ),
        *_lines(_explained_by("holds__credits").exclude(held=F("explained")), "held {0.held}, holds {0.explained}"),
        *_lines(
            # A customer who owes credits has none left in any grant.
            _explained_by("grants__remaining").annotate(due=Greatest("balance", 0)).exclude(due=F("explained")),
            "balance {0.balance}, grants have {0.explained} left",
        ),
    ]


def _explained_by(amounts: str) -> QuerySet[CreditAccount]:
    return CreditAccount.objects.select_related("user").annotate(explained=Coalesce(Sum(amounts), 0))


def _lines(accounts: QuerySet[CreditAccount], text: str) -> list[str]:
    return [f"{account.user}: {text.format(account)}" for account in accounts]
