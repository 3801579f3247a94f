"""Refunds in parts, as Stripe lists them: in any order, several in one second."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from billing.credits import ledger
from billing.models import CreditAccount, CreditGrant, LedgerEntry
from billing.payments import refunds
from billing.stripe import client
from billing.tests.conftest import Give

PAID = 300


@pytest.fixture
def pack(give: Give) -> CreditGrant:
    return give(100, payment_intent="pi_pack")


class Bank:
    """A charge with its refunds, as Stripe returns them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refunds: list[dict[str, Any]] = []
        self.disputes: dict[str, dict[str, Any]] = {}
        charge = {"id": "ch_1", "payment_intent": "pi_pack", "amount": PAID}
        monkeypatch.setattr(client, "charge", lambda charge_id: {**charge, "disputed": bool(self.disputes)})
        monkeypatch.setattr(client, "refunds_of", lambda charge_id: self.refunds)
        monkeypatch.setattr(client, "dispute", lambda dispute_id: self.disputes[dispute_id])
        monkeypatch.setattr(client, "disputes_of", lambda charge_id: list(self.disputes.values()))

    def refund(self, refund_id: str, amount: int = 100) -> None:
        self.refunds.insert(
            0, {"id": refund_id, "amount": amount, "currency": "usd", "status": "succeeded", "created": 1}
        )
        refunds.book_refunds("ch_1")

    def fail(self, refund_id: str) -> None:
        next(each for each in self.refunds if each["id"] == refund_id)["status"] = "failed"
        refunds.book_refunds("ch_1")

    def dispute(self, amount: int, status: str = "needs_response") -> None:
        about = {"id": "dp_1", "charge": "ch_1", "amount": amount, "currency": "usd", "status": status}
        self.disputes["dp_1"] = about
        refunds.book_dispute("dp_1")


@pytest.fixture
def bank(pack: CreditGrant, monkeypatch: pytest.MonkeyPatch) -> Bank:
    return Bank(monkeypatch)


def taken() -> list[int]:
    entries = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.REFUND).order_by("pk")
    return list(entries.values_list("amount", flat=True))


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_refunds_of_one_second_take_everything_whatever_their_ids(bank: Bank, order: tuple[str, ...]) -> None:
    for refund_id in order:
        bank.refund(refund_id)
    assert taken() == [-33, -33, -34]


def test_a_refund_after_one_that_failed_takes_the_rest(bank: Bank, pack: CreditGrant) -> None:
    for refund_id in "abc":
        bank.refund(refund_id)
    bank.fail("a")
    bank.refund("d")
    assert sum(taken()) == -100
    assert ledger.account_of(pack.account.user).balance == 0


def test_what_a_failed_refund_brought_back_and_has_expired_is_not_taken_from_the_next_month(
    bank: Bank, pack: CreditGrant, give: Give
) -> None:
    CreditGrant.objects.filter(pk=pack.pk).update(origin="plan", expires_at=timezone.now() + timedelta(days=1))
    give(100, days=31, origin="plan")
    bank.refund("a", PAID)
    CreditGrant.objects.filter(pk=pack.pk).update(expires_at=timezone.now())
    bank.fail("a")
    assert ledger.account_of(pack.account.user).balance == 100
    bank.refund("b", PAID)
    assert ledger.account_of(pack.account.user).balance == 100


@pytest.fixture
def year(give: Give) -> CreditGrant:
    """A year of 1,200 credits, whose first month has come."""
    return give(100, payment_intent="pi_pack", origin="plan", key="in:in_1", invoice="in_1", later_credits=1_100)


@pytest.mark.parametrize(
    ("given", "amount", "expected", "left"),
    [
        pytest.param(0, PAID, [-100], 0, id="all of it in the first month"),
        pytest.param(0, PAID // 2, [], 500, id="half of it: the last six months do not come"),
        pytest.param(500, PAID, [-100], 0, id="all of it: what was given is taken"),
        pytest.param(900, PAID // 2, [-100], 0, id="half of it after ten months"),
    ],
)
def test_a_refund_of_a_year_first_withholds_the_months_to_come(
    year: CreditGrant, monkeypatch: pytest.MonkeyPatch, given: int, amount: int, expected: list[int], left: int
) -> None:
    CreditGrant.objects.filter(pk=year.pk).update(later_given=given)
    bank = Bank(monkeypatch)
    bank.refund("a", amount)
    bank.refund("b", 0)
    year.refresh_from_db()
    assert (taken(), year.later_left) == (expected, left)


def test_a_month_given_while_a_refund_waits_for_the_account_is_not_withheld(
    year: CreditGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = ledger.locked_account_of

    def locked_after_a_month(user: User) -> CreditAccount:
        CreditGrant.objects.filter(pk=year.pk).update(later_given=500)
        return locked(user)

    monkeypatch.setattr(ledger, "locked_account_of", locked_after_a_month)
    Bank(monkeypatch).refund("a", PAID)
    year.refresh_from_db()
    assert (taken(), year.later_left) == ([-100], 0)


def test_a_refund_of_a_year_that_fails_brings_its_months_back(
    year: CreditGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = Bank(monkeypatch)
    bank.refund("a", PAID)
    bank.fail("a")
    year.refresh_from_db()
    assert (ledger.account_of(year.account.user).balance, year.later_left) == (100, 1_100)


def test_a_dispute_of_what_a_refund_of_a_year_left_leaves_nothing(
    year: CreditGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = Bank(monkeypatch)
    bank.refund("a", PAID // 2)
    bank.dispute(PAID // 2)
    for book in (lambda: refunds.book_refunds("ch_1"), lambda: refunds.book_dispute("dp_1")):
        year.refresh_from_db()
        assert (ledger.account_of(year.account.user).balance, year.later_left) == (0, 0)
        book()
    bank.dispute(PAID // 2, "won")
    year.refresh_from_db()
    assert (ledger.account_of(year.account.user).balance, year.later_left) == (100, 500)


def test_a_refund_in_a_dispute_leaves_nothing_of_a_year(year: CreditGrant, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Bank(monkeypatch)
    bank.dispute(PAID // 2)
    bank.refund("a", PAID // 2)
    year.refresh_from_db()
    assert (ledger.account_of(year.account.user).balance, year.later_left) == (0, 0)


def test_refunds_never_take_more_than_was_granted(bank: Bank) -> None:
    bank.refund("a", PAID)
    bank.refund("b", PAID)
    assert taken() == [-100]
