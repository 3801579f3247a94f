"""The statement: each movement in words, with the balance after it."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from accounts.models import User
from billing.credits import ledger
from billing.credits.statement import PAGE_SIZE, SHOWN_IMAGES, in_words, statement
from billing.models import CreditAccount, Hold, LedgerEntry
from billing.tests.conftest import Give


def make_images(user: User, batch: str, count: int) -> Hold:
    """Charge so many images of a batch."""
    held = ledger.hold(user, count, key=f"batch:{batch}")
    for number in range(1, count + 1):
        ledger.capture(held, 1, key=f"prompt:{batch}:{number}", note=f"cat {number}")
    return held


def words(user: User) -> list[str]:
    return [line.words for line in statement(user).lines]


def test_it_reads_from_the_newest_with_the_balance_after_each(bob: User) -> None:
    ledger.grant_by_operator(bob, 10, "welcome")
    make_images(bob, "1", 2)
    lines = [(line.words, line.amount, line.balance) for line in statement(bob).lines]
    assert lines == [
        ("2 images: cat 1", -2, 13),
        ("Credits added by our team: welcome", 10, 15),
        ("Free credits", 5, 5),
    ]


def test_a_batch_is_one_line_that_unfolds_to_its_images(bob: User) -> None:
    ledger.grant_by_operator(bob, 50, "welcome")
    make_images(bob, "1", SHOWN_IMAGES + 3)
    line = statement(bob).lines[0]
    assert [image.note for image in line.images] == [f"cat {number}" for number in range(1, SHOWN_IMAGES + 1)]
    assert (line.images_not_shown, line.batch_id) == (3, "1")


def test_lines_add_up_though_batches_ran_at_the_same_time(bob: User) -> None:
    first, second = ledger.hold(bob, 2, key="batch:1"), ledger.hold(bob, 2, key="batch:2")
    ledger.capture(first, 1, key="prompt:1", note="one")
    ledger.capture(second, 1, key="prompt:2", note="two")
    ledger.grant_by_operator(bob, 7, "between")
    ledger.capture(second, 1, key="prompt:3", note="three")
    ledger.capture(first, 1, key="prompt:4", note="four")
    amounts = [(line.amount, line.balance) for line in statement(bob).lines]
    assert amounts == [(-2, 8), (-2, 10), (7, 12), (5, 5)]


def test_the_images_of_a_deleted_batch_have_no_words_and_no_link(bob: User) -> None:
    held = make_images(bob, "1", 2)
    ledger.erase_notes(held.account_id, ["prompt:1:1", "prompt:1:2"])
    line = statement(bob).lines[0]
    assert (line.words, line.amount, line.batch_id) == ("Images from a deleted batch", -2, "")


def test_plan_credits_say_until_when(bob: User, account: CreditAccount) -> None:
    end = datetime(2126, 2, 28, 12, tzinfo=UTC)
    ledger.grant(account, 250, origin="plan", key="in:1", note="Starter", expires_at=end)
    assert words(bob)[0] == "Starter plan credits (use before Feb. 28, 2126)"


def test_what_was_taken_back_says_so(bob: User, give: Give) -> None:
    pack = give(100)
    ledger.take(pack.account, 100, kind="refund", key="re:1", first_from=pack)
    assert words(bob)[0] == "Payment refunded (credits removed)"


def test_a_dispute_that_was_won_says_so(bob: User, account: CreditAccount) -> None:
    ledger.grant(account, 100, origin="pack", kind="dispute", key="dp:1:won")
    assert words(bob)[0] == "Dispute resolved (credits returned)"


@pytest.mark.parametrize("kind", LedgerEntry.Kind)
@pytest.mark.parametrize("amount", [1, -1])
def test_every_kind_has_words(kind: LedgerEntry.Kind, amount: int) -> None:
    with override("en"):
        assert in_words(LedgerEntry(kind=kind, amount=amount)).strip()


def test_a_second_page_continues_the_balance(bob: User, give: Give) -> None:
    for _ in range(PAGE_SIZE):
        give(1)
    make_images(bob, "1", 2)
    last_of_first, first_of_second = statement(bob).lines[-1], statement(bob, 2).lines[0]
    assert last_of_first.balance - last_of_first.amount == first_of_second.balance


def test_a_page_that_is_not_there_gives_the_last(bob: User, account: CreditAccount) -> None:
    assert statement(bob, "99").page.number == 1


def test_others_movements_are_not_in_it(alice: User, bob: User) -> None:
    assert words(bob) == ["Free credits"]
