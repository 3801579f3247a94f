"""Several requests at the very same moment, on a database that lets them: none fails, none takes too much."""

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import User
from batches import submission
from batches.models import Batch
from batches.proof import wrong_holds
from billing import credits, plans
from billing.proof import unbalanced_accounts
from tests.cast import MakeBatch, deliver_next

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite lets one write at a time"),
]
MakeOrder = Callable[..., submission.Order]


@pytest.fixture(autouse=True)
def books_are_right() -> object:
    """Check after each test that nothing is held or charged without a reason."""
    yield
    assert unbalanced_accounts() + wrong_holds() == []


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all acts at the same time; return what each returned or raised."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            results[number] = act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_form_sent_four_times_at_once_makes_one_batch(bob: User, make_order: MakeOrder) -> None:
    order, key = make_order(3), uuid.uuid4()
    results = at_once(*[lambda: submission.submit(bob, order, key)] * 4)
    assert {type(result) for result in results} == {Batch}
    assert len({batch.pk for batch in results}) == 1


def test_forms_sent_at_once_share_what_is_left(bob: User, make_order: MakeOrder) -> None:
    order = make_order(2)
    results = at_once(*[lambda: submission.submit(bob, order, uuid.uuid4())] * 4)
    assert sorted(type(result).__name__ for result in results) == [
        "Batch",
        "Batch",
        "NotEnoughCredits",
        "NotEnoughCredits",
    ]


def test_submitting_while_images_arrive(
    alice: User, make_batch: MakeBatch, make_order: MakeOrder, give_plan: Callable[..., object]
) -> None:
    give_plan(alice, plans.PRO)
    batches = [make_batch(alice, 5) for _ in range(3)]
    order = make_order(5)
    results = at_once(
        *[lambda batch=batch: [deliver_next(batch) for _ in range(5)] for batch in batches],
        *[lambda: [submission.submit(alice, order, uuid.uuid4()) for _ in range(5)]] * 3,
    )
    assert [result for result in results if isinstance(result, Exception)] == []


def test_credits_given_while_images_arrive(alice: User, make_batch: MakeBatch) -> None:
    batches = [make_batch(alice, 8) for _ in range(2)]
    results = at_once(
        *[lambda batch=batch: [deliver_next(batch) for _ in range(8)] for batch in batches],
        *[lambda: [credits.grant_by_operator(alice, 1, "gift") for _ in range(8)]] * 2,
    )
    assert [result for result in results if isinstance(result, Exception)] == []


def test_an_account_opened_twice_at_once_has_the_free_credits_once(charlie: User) -> None:
    at_once(*[lambda: credits.account_of(charlie)] * 4)
    assert credits.account_of(charlie).balance == 5


def test_a_batch_cancelled_twice_at_once_gives_credits_back_once(bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob)
    results = at_once(*[lambda: submission.cancel(Batch.objects.get(pk=batch.pk), bob)] * 4)
    assert sorted(results) == [False, False, False, True]
    assert credits.account_of(bob).left == 5
