"""Of a list that is too long for the credits or the plan, the first images can be made; the rest becomes a draft."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.models import Batch, ModelQuality
from billing import plans
from billing.credits import ledger
from tests.cast import MakeBatch

pytestmark = pytest.mark.any_database

NEW, BILL = reverse("batches:new"), reverse("batches:bill")
Form = dict[str, Any]


def lines(count: int) -> str:
    return "\n".join(f"picture {n}" for n in range(1, count + 1))


def offered(page: str) -> str:
    """Return how many the page offers to make first, empty if it doesn't."""
    _, _, after = page.partition('name="first" value="')
    return after.split('"')[0]


@pytest.mark.parametrize(
    ("prompts", "first"), [(5, ""), (6, "5"), (50, "5")], ids=["enough", "credits", "credits and plan"]
)
def test_the_bill_offers_what_credits_and_plan_allow(bobs: Client, form: Form, prompts: int, first: str) -> None:
    assert offered(bobs.post(BILL, {**form, "prompts": lines(prompts)}).content.decode()) == first


def test_a_plan_that_allows_fewer_than_the_credits_decides(bobs: Client, bob: User, form: Form) -> None:
    ledger.grant(ledger.account_of(bob), 100, origin="free", key="free:more")
    assert offered(bobs.post(BILL, {**form, "prompts": lines(50)}).content.decode()) == "10"


def test_a_list_that_is_too_long_for_any_batch_is_offered_in_parts(alices: Client, form: Form) -> None:
    sent = {**form, "prompts": lines(1_205)}
    assert (
        offered(alices.post(BILL, sent).content.decode()) == offered(alices.post(NEW, sent).content.decode()) == "1000"
    )
    rest = alices.post(NEW, {**sent, "first": 1000}).context["form"]
    assert (Batch.objects.get().total, rest["prompts"].value().split("\n")[0]) == (1000, "picture 1001")


def test_a_list_of_images_without_a_price_is_offered_in_parts_too(alices: Client, form: Form) -> None:
    ModelQuality.objects.update(credits=0)
    assert offered(alices.post(BILL, {**form, "prompts": lines(1_205)}).content.decode()) == "1000"


def test_nothing_is_offered_when_no_image_can_be_made(bobs: Client, bob: User, form: Form) -> None:
    ledger.grant_by_operator(bob, -5, "taken")
    assert offered(bobs.post(BILL, {**form, "prompts": lines(6)}).content.decode()) == ""


def test_nothing_is_offered_when_no_batch_may_start(bobs: Client, bob: User, form: Form, make_batch: MakeBatch) -> None:
    ledger.grant(ledger.account_of(bob), 20, origin="free", key="free:more")
    for _ in range(plans.FREE.starts_per_hour):
        make_batch(bob, 1)
    assert offered(bobs.post(BILL, {**form, "prompts": lines(10) + "\n" + lines(10)}).content.decode()) == ""


def test_the_first_are_made_and_the_rest_is_in_the_form(bobs: Client, form: Form) -> None:
    sent = {**form, "prompts": lines(7), "names": "a\n\n\n\n\n\ng", "ratio": "16:9", "style": "in oil", "first": 5}
    page = bobs.post(NEW, sent)
    batch = Batch.objects.get()
    assert list(batch.prompts.values_list("file_name", flat=True))[:2] == ["a.png", "picture 2.png"]
    rest = page.context["form"]
    assert (rest["prompts"].value(), rest["names"].value()) == ("picture 6\npicture 7", "\ng")
    assert (rest["ratio"].value(), rest["style"].value()) == ("16:9", "in oil")
    assert str(rest["submission_key"].value()) != form["submission_key"]
    assert f'data-then="{batch.get_absolute_url()}"' in page.content.decode()


def test_the_first_sent_twice_make_one_batch(bobs: Client, bob: User, form: Form) -> None:
    for _ in range(2):
        bobs.post(NEW, {**form, "prompts": lines(7), "first": 5})
    assert (Batch.objects.count(), ledger.account_of(bob).held) == (1, 5)


def test_a_list_that_has_become_shorter_has_no_rest(bobs: Client, form: Form) -> None:
    response = bobs.post(NEW, {**form, "prompts": lines(3), "first": 5})
    assert response.url == Batch.objects.get().get_absolute_url()


def test_a_refused_list_comes_back_with_the_offer(bobs: Client, form: Form) -> None:
    response = bobs.post(NEW, {**form, "prompts": lines(50)})
    assert (response.status_code, offered(response.content.decode())) == (422, "5")
