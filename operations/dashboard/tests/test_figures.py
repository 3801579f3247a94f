"""The daily figures of a known set of rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import KeyUsageDay, User
from batches.models import BatchEvent, Prompt
from billing import plans
from billing.credits import ledger
from billing.models import CreditGrant, LedgerEntry, Membership, MembershipEvent
from operations.dashboard import counted, daily, sampled
from operations.models import DailyFigure, Figure
from tests.cast import MakeBatch, deliver_next, fail_next
from tests.threads import at_once

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=10)
DAY = NOON.date()


@pytest.fixture(autouse=True)
def unclaimed() -> None:
    cache.delete(daily._CLAIM)


def on_the_day(name: Figure, label: str = "") -> Decimal | None:
    return counted.figures_of(DAY).get((name, label))


def test_images_count_on_the_utc_day_on_which_they_were_made(alice: User, bob: User, make_batch: MakeBatch) -> None:
    batch, midnight = make_batch(alice, 4, quality="medium"), NOON.replace(hour=0)
    moments = (midnight, midnight + timedelta(hours=23, minutes=59, seconds=59), midnight - timedelta(seconds=1))
    for at in moments:
        made = deliver_next(batch)
        Prompt.objects.filter(pk=made.pk).update(ready_at=at, duration_seconds=2.5, upstream_cost_cents="1.25")
    code = batch.image_model.code
    assert on_the_day(Figure.IMAGES, code) == 2
    assert on_the_day(Figure.CREDITS, code) == 4
    assert on_the_day(Figure.COST_CENTS, code) == Decimal("2.5")
    assert on_the_day(Figure.SECONDS, code) == 5
    assert (on_the_day(Figure.ACTIVE_CUSTOMERS), on_the_day(Figure.PEAK_PER_MINUTE)) == (1, 1)


def test_revenue_is_what_the_customers_paid_for_a_credit_on_average(
    bob: User, charlie: User, make_batch: MakeBatch
) -> None:
    account = ledger.account_of(charlie)
    ledger.grant(account, 95, origin="free", key="free:more")
    # A year, of which the second month has come, and credits that came back after a dispute.
    ledger.grant(account, 250, origin="plan", key="in:in_1", invoice="in_1", later_credits=650, paid_cents=5_000)
    ledger.grant(account, 250, origin="plan", key="renew:1", invoice="in_1")
    ledger.grant(account, 40, origin="plan", key="undo:1")
    for user in (bob, charlie):
        deliver_next(make_batch(user, 1, quality="medium"))
    CreditGrant.objects.update(created_at=NOON)
    Prompt.objects.update(ready_at=NOON)
    price = 5_000 / (5 + 95 + 900)
    assert on_the_day(Figure.REVENUE_CENTS, "gpt-image-2.5-flare") == 2 * price


def test_the_cost_of_an_image_without_tokens_is_the_models(alice: User, make_batch: MakeBatch) -> None:
    made = deliver_next(make_batch(alice, 1))
    Prompt.objects.filter(pk=made.pk).update(ready_at=NOON, upstream_cost_cents=None)
    price = made.image_model.qualities.get(quality=made.quality).upstream_cost_cents
    assert on_the_day(Figure.COST_CENTS, made.image_model.code) == price


def test_an_image_that_is_no_longer_on_the_server_still_counts(alice: User, make_batch: MakeBatch) -> None:
    made = deliver_next(make_batch(alice, 1))
    made.expire(made.revision)
    Prompt.objects.update(ready_at=NOON)
    assert on_the_day(Figure.IMAGES, made.image_model.code) == 1


def test_failures_are_counted_by_code(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    for code in ("refused", "truncated", "refused"):
        fail_next(batch, code)
    BatchEvent.objects.update(created_at=NOON)
    assert (on_the_day(Figure.FAILURES, "refused"), on_the_day(Figure.FAILURES, "truncated")) == (2, 1)


def test_sign_ups_and_api_requests_are_counted(alice: User, bob: User, olga: User) -> None:
    User.objects.exclude(pk=bob.pk).update(date_joined=NOON)
    key, _ = api_keys.create(alice, "a program")
    KeyUsageDay.objects.create(key=key, on=DAY, requests=7)
    assert (on_the_day(Figure.SIGN_UPS), on_the_day(Figure.API_REQUESTS)) == (1, 7)


def test_packs_and_refunds_are_counted(alice: User) -> None:
    account = ledger.account_of(alice)
    for number, (amount, cents) in enumerate(((100, 300), (500, 1200), (100, 270))):
        facts = {"amount": amount, "remaining": amount, "paid_cents": cents, "created_at": NOON}
        CreditGrant.objects.create(account=account, origin="pack", key=f"cs:{number}", **facts)
    grant = CreditGrant.objects.get(key="cs:0")
    LedgerEntry.objects.create(account=account, kind="refund", amount=-40, key="re:1", grant=grant)
    LedgerEntry.objects.update(created_at=NOON)
    assert (on_the_day(Figure.PACKS, "100"), on_the_day(Figure.PACKS, "500")) == (2, 1)
    assert on_the_day(Figure.PACK_CENTS) == 300 + 1200 + 270
    assert (on_the_day(Figure.REFUNDS), on_the_day(Figure.REFUNDED_CREDITS)) == (1, 40)


def subscribe(user: User, plan: str, days: int, **terms: Any) -> Membership:
    now = timezone.now()
    period = {"period_start": now, "period_end": now + timedelta(days=days)}
    return Membership.objects.activate(user, plan, source=Membership.Source.STRIPE, **period, **terms)


def test_subscriptions_that_began_and_ended(alice: User, bob: User, charlie: User, give_plan: Any) -> None:
    subscribe(alice, "starter", 30).end(reason="cancelled")
    subscribe(bob, "starter", 30)
    subscribe(bob, "starter", 60)
    MembershipEvent.objects.update(created_at=NOON)
    assert (on_the_day(Figure.NEW_SUBSCRIPTIONS), on_the_day(Figure.ENDED_SUBSCRIPTIONS)) == (2, 1)


def test_monthly_recurring_revenue_is_of_paid_plans(alice: User, bob: User, charlie: User, give_plan: Any) -> None:
    subscribe(alice, "starter", 30)
    subscribe(bob, "pro", 365)
    give_plan(charlie, plans.PRO)
    now = sampled.figures_now()
    assert now[Figure.SUBSCRIBERS, ""] == 2
    assert now[Figure.MRR_CENTS, ""] == round(500 + 10 * 1900 / 12)


def test_storage_and_the_oldest_image_that_nobody_fetched(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 2)
    fetched, waiting = deliver_next(batch), deliver_next(batch)
    hours = timedelta(hours=1)
    Prompt.objects.filter(pk=fetched.pk).update(ready_at=timezone.now() - 9 * hours, confirmed_at=timezone.now())
    Prompt.objects.filter(pk=waiting.pk).update(ready_at=timezone.now() - 5 * hours)
    now = sampled.figures_now()
    assert now[Figure.STORAGE_BYTES, ""] == (fetched.byte_count or 0) + (waiting.byte_count or 0)
    assert now[Figure.UNFETCHED_HOURS, ""] == 5


def test_a_day_keeps_its_highest_sample(alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 3)
    daily.update()
    batch.pause(alice)
    cache.delete(daily._CLAIM)
    daily.update()
    today = DailyFigure.objects.filter(day=timezone.now().date())
    assert today.get(name=Figure.QUEUE_DEPTH).value == 3


def test_figures_are_written_again_without_rows_twice(alice: User, make_batch: MakeBatch) -> None:
    made = deliver_next(make_batch(alice, 1))
    daily.update()
    before = list(DailyFigure.objects.order_by("pk").values_list("day", "name", "label", "value"))
    cache.delete(daily._CLAIM)
    daily.update()
    assert list(DailyFigure.objects.order_by("pk").values_list("day", "name", "label", "value")) == before
    made.image_model.code = "renamed"
    made.image_model.save()
    daily.write(timezone.now().date(), counted.figures_of(timezone.now().date()))
    images = DailyFigure.objects.filter(name=Figure.IMAGES).order_by("label").values_list("label", "value")
    assert list(images) == [("gpt-image-2.5-flare", 0), ("renamed", 1)]


@pytest.mark.django_db
def test_days_that_have_ended_are_finished_once() -> None:
    daily.update()
    assert DailyFigure.objects.values("day").distinct().count() == 8
    yesterday = DailyFigure.objects.filter(day=timezone.now().date() - timedelta(days=1), name=Figure.SIGN_UPS)
    assert yesterday.exists()
    # In the first ten minutes of today it would not be finished yet.
    yesterday.update(value=5, updated_at=timezone.now() + daily._SETTLED_AFTER)
    cache.delete(daily._CLAIM)
    daily.update()
    # Finished, so not counted again.
    assert yesterday.get().value == 5
    long_before_its_end = timezone.now() - timedelta(days=1, hours=12)
    yesterday.update(updated_at=long_before_its_end)
    cache.delete(daily._CLAIM)
    daily.update()
    assert yesterday.get().value == 0


def test_the_command_leaves_days_with_figures_alone(bob: User) -> None:
    User.objects.update(date_joined=NOON)
    DailyFigure.objects.create(day=DAY, name=Figure.SIGN_UPS, value=9)
    call_command("write_daily_figures", days=30, verbosity=0)
    figure = DailyFigure.objects.filter(day=DAY, name=Figure.SIGN_UPS)
    assert figure.get().value == 9
    call_command("write_daily_figures", days=30, again=True, verbosity=0)
    assert figure.get().value == 1


@pytest.mark.django_db(transaction=True)
def test_schedulers_that_race_write_each_figure_once(alice: User, make_batch: MakeBatch) -> None:
    deliver_next(make_batch(alice, 2))
    today = timezone.now().date()

    def write() -> None:
        for _ in range(5):
            daily.write(today, counted.figures_of(today) | sampled.figures_now())

    assert at_once([write] * 4) == [None] * 4
    rows = DailyFigure.objects.filter(day=today)
    assert rows.count() == rows.values("name", "label").distinct().count()
    assert rows.get(name=Figure.IMAGES).value == 1


def test_only_one_of_several_workers_counts(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    monkeypatch.setattr(daily, "write", lambda *args: written.append(args))
    daily.update()
    count = len(written)
    daily.update()
    assert len(written) == count
