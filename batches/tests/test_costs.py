"""What an image has cost us, from the tokens that upstream reports."""

from decimal import Decimal

import pytest

from accounts.models import User
from batches.clients.openai import ImageAnswer
from batches.clients.openai_answers import Usage
from batches.models import Prompt
from batches.pictures.finish import finish
from tests.cast import MakeBatch, begin, png


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tokens", "cents"),
    [(196, Decimal("0.588")), (40_000_000_000, None), (10**40, None)],
    ids=["usual", "absurd", "more than a decimal holds"],
)
def test_an_image_is_delivered_whatever_upstream_has_counted(
    alice: User, make_batch: MakeBatch, tokens: int, cents: Decimal | None
) -> None:
    turn, prompt = begin(make_batch(alice))
    picture = finish(png(), format="png", ratio="1:1")
    turn.deliver(prompt, picture, ImageAnswer(picture.data, "req_test", Usage(0, 0, tokens)))
    made = Prompt.objects.get(pk=prompt.pk)
    assert (made.status, made.upstream_cost_cents) == ("ready", cents)
