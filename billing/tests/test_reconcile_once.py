"""All workers together reconcile once every four hours."""

import pytest
from djstripe.models import Customer

from billing.stripe import client, reconcile

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What has run, with a customer for whom it is worth it."""
    ran: list[int] = []

    def run() -> reconcile.Reconciled:
        ran.append(1)
        return reconcile.Reconciled(0, 0)

    monkeypatch.setattr(reconcile, "reconcile", run)
    Customer.objects.create(id="cus_1", livemode=False, stripe_data={})
    return ran


def test_a_second_worker_leaves_it_to_the_first(runs: list[int]) -> None:
    reconcile.reconcile_if_sold()
    reconcile.reconcile_if_sold()
    assert runs == [1]


def test_after_a_failure_another_worker_may_try(runs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    works = reconcile.reconcile

    def fail() -> None:
        raise client.StripeBusy("Too many requests.")

    monkeypatch.setattr(reconcile, "reconcile", fail)
    reconcile.reconcile_if_sold()
    monkeypatch.setattr(reconcile, "reconcile", works)
    reconcile.reconcile_if_sold()
    assert runs == [1]
