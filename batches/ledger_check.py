from django.db.models import F, IntegerField, Q, Sum
from django.db.models.functions import Cast, Coalesce

from batches.choices import OPEN_PROMPT
from batches.models import Batch, Prompt


def holds_that_do_not_add_up() -> list[str]:
    open_credits = Coalesce(Sum("prompts__credits", filter=Q(prompts__status__in=OPEN_PROMPT)), 0)
    batches = Batch.objects.annotate(open_credits=open_credits).exclude(hold__credits=F("open_credits"))
    lines = [
        f"batch {pk}: holds {held}, open prompts need {needed}"
        for pk, held, needed in batches.values_list("pk", "hold__credits", "open_credits")
    ]
    # MariaDB can't negate an unsigned column.
    price = Cast("credits", IntegerField())
    charged = Prompt.objects.exclude(charge=None).exclude(charge__amount=-price)
    return lines + [f"prompt {prompt.pk}: charged {prompt.charge}" for prompt in charged.select_related("charge")]
