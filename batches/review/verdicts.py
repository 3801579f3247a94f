"""The customer's verdicts on images: keep, reject or undecided."""

from collections.abc import Mapping

from django.db import transaction

from batches.choices import Verdict
from batches.models import Batch


@transaction.atomic
def record(batch: Batch, verdicts: Mapping[int, str]) -> None:
    """Store verdicts by position. Positions without an image are ignored."""
    revision = batch.touch()
    for verdict in Verdict:
        # A number beyond what the column holds would be an error of the database.
        positions = [position for position, given in verdicts.items() if given == verdict and position <= batch.total]
        decided = batch.prompts.made().filter(position__in=positions).exclude(verdict=verdict)
        decided.update(verdict=verdict, revision=revision)
