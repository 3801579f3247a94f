"""What needs an operator: batches on hold because upstream has trouble with our key, money or models."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from batches.choices import BatchStatus, WaitReason
from batches.models import Batch


@dataclass(frozen=True)
class Trouble:
    """Batches on hold for one reason; `since` is when the oldest of them was made."""

    reason: str
    batch_count: int
    since: datetime
    detail: str

    @property
    def label(self) -> str:
        """Return the reason in words."""
        return str(WaitReason(self.reason).label)


def troubles() -> list[Trouble]:
    """Return the reasons why batches are on hold, the most frequent first."""
    on_hold = Batch.objects.filter(status=BatchStatus.WAITING, deleted_at=None).values("waiting_reason")
    rows = on_hold.annotate(batch_count=Count("pk"), since=Min("created_at"), detail=Max("waiting_detail")).order_by(
        "-batch_count"
    )
    return [Trouble(row["waiting_reason"], row["batch_count"], row["since"], row["detail"]) for row in rows]
