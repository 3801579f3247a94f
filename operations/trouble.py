"""What needs an operator: batches on hold because upstream has trouble with our key, money or models."""

from dataclasses import dataclass

from django.db.models import Count, Max

from batches.choices import BatchStatus, WaitReason
from batches.models import Batch


@dataclass(frozen=True)
class Trouble:
    """Batches on hold for one reason, with upstream's words about one of them."""

    reason: str
    batch_count: int
    detail: str

    @property
    def label(self) -> str:
        """Return the reason in words."""
        return str(WaitReason(self.reason).label)


def troubles() -> list[Trouble]:
    """Return the reasons why batches are on hold, the most frequent first; a plan's limit ends by itself."""
    on_hold = Batch.objects.filter(status=BatchStatus.WAITING, deleted_at=None)
    reasons = on_hold.exclude(waiting_reason=WaitReason.DAILY_LIMIT).values("waiting_reason")
    rows = reasons.annotate(batch_count=Count("pk"), detail=Max("waiting_detail")).order_by("-batch_count")
    return [Trouble(row["waiting_reason"], row["batch_count"], row["detail"]) for row in rows]
