"""The page of usage: the numbers of the API, as charts and as tables."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.keys import api_keys
from accounts.models import ApiKey, KeyUsageDay, User
from batches.orders.order import Order
from batches.orders.submit import submit_order
from batches.usage.charts import HEIGHT, charts
from batches.usage.totals import Amounts, Usage
from tests.cast import SignedIn, deliver_next
from tests.counting import count_page_queries

pytestmark = pytest.mark.any_database

PAGE = "/account/usage/"
MakeOrder = Callable[..., Order]
TODAY = datetime.now(UTC).date()


@pytest.fixture
def key(alice: User) -> ApiKey:
    return api_keys.create(alice, "Printer")[0]


@pytest.fixture
def used(alice: User, key: ApiKey, make_order: MakeOrder) -> None:
    """Two images with the key, one on the site, and requests on two days."""
    for order, with_key in ((make_order(2, "medium"), key), (make_order(1), None)):
        batch = submit_order(alice, order, uuid.uuid4(), with_key)
        for _ in order.prompts:
            deliver_next(batch)
    for days_ago, requests in ((0, 7), (3, 2000)):
        KeyUsageDay.objects.create(key=key, on=datetime.now(UTC).date() - timedelta(days=days_ago), requests=requests)


def shown(client: Client, choice: str = "") -> Usage:
    found: Usage = client.get(PAGE, {"key": choice}).context["shown"]
    return found


def test_it_has_the_same_numbers_as_the_api(alices: Client, alice: User, used: None) -> None:
    _, text = api_keys.create(alice, "reader", ["usage:read"])
    data = json.loads(Client().get("/api/v1/usage", headers={"authorization": f"Bearer {text}"}).content)
    page = shown(alices)
    assert data["totals"] == {"requests": 2008, "images": 3, "credits": 5} == vars(page.totals)
    assert [(row["date"], row["images"]) for row in data["days"]] == [
        (on.isoformat(), amounts.images) for on, amounts in page.days.items()
    ]


def test_the_page_shows_requests_images_and_credits(alices: Client, used: None) -> None:
    text = alices.get(PAGE).content.decode()
    assert "Days start at midnight UTC." in text
    assert '<td data-kind="number">2,007</td>' in text
    assert text.count("<rect") == 2 * 3 * 30


def test_one_key_can_be_chosen(alices: Client, key: ApiKey, used: None) -> None:
    assert shown(alices, key.public_id).totals == Amounts(requests=2007, images=2, credits=4)
    assert shown(alices, "site").totals == Amounts(images=1, credits=1)
    assert len(shown(alices, "site").days) == 30


def test_a_key_that_was_not_used_has_nothing(alices: Client, alice: User, used: None) -> None:
    other, _ = api_keys.create(alice, "idle")
    assert shown(alices, other.public_id).totals == Amounts()
    assert "idle" in alices.get(PAGE).content.decode()


def test_revoked_keys_can_be_chosen_while_they_count(alices: Client, alice: User, key: ApiKey, used: None) -> None:
    key.revoke(alice)
    assert key in alices.get(PAGE).context["choices"]


def test_who_used_nothing_is_helped(alices: Client) -> None:
    text = alices.get(PAGE).content.decode()
    assert "No usage in this period." in text
    assert "<rect" not in text


def test_it_takes_as_many_queries_for_many_keys_as_for_few(alices: Client, alice: User, used: None) -> None:
    few = count_page_queries(alices, PAGE)
    for number in range(5):
        key, _ = api_keys.create(alice, f"number {number}")
        KeyUsageDay.objects.create(key=key, on=TODAY, requests=number)
    assert count_page_queries(alices, PAGE) == few


def test_others_usage_is_not_on_it(signed_in: SignedIn, bob: User, used: None) -> None:
    assert shown(signed_in(bob)).totals == Amounts()


def test_columns_are_as_high_as_the_best_day_allows() -> None:
    days = {TODAY - timedelta(days=back): Amounts(images=images) for back, images in ((2, 0), (1, 1), (0, 1000))}
    _, images, requests = charts(days, Amounts(images=1001))
    assert [column.height for column in images.columns] == [0, 2, HEIGHT]
    assert all(column.y + column.height == HEIGHT for column in images.columns)
    assert (images.best.on, images.best.value) == (TODAY, 1000)
    assert {column.height for column in requests.columns} == {0}


def test_no_number_of_the_drawing_depends_on_the_language(alices: Client, used: None) -> None:
    text = alices.get(PAGE, headers={"accept-language": "es"}).content.decode()
    drawing = text[text.index("<svg viewBox") : text.index("</svg>")]
    assert 'viewBox="0 0 300 100"' in drawing
    assert "," not in "".join(part for part in drawing.split(">") if part.startswith("<rect"))
