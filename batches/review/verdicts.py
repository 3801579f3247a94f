"""The customer's verdicts on images: keep, reject or undecided."""

from collections.abc import Mapping

from django.db import transaction

from batches.choices import Verdict
from batches.models import Batch


@transaction.atomic
def record(batch: Batch, verdicts: Mapping[int, str]) -> None:
    """Store verdicts by position. Positions without an image are ignored."""
    revision = batch.touch()
    # A number beyond what the column holds would be an error of the database.
    possible = {position: given for position, given in verdicts.items() if 0 < position <= batch.total}
    for verdict in Verdict:
        positions = [position for position, given in possible.items() if given == verdict]
        decided = batch.prompts.made().filter(position__in=positions).exclude(verdict=verdict)
        decided.update(verdict=verdict, revision=revision)
