"""The figures of a day that can be counted from rows at any later time."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMinute

from accounts.models import KeyUsageDay, User
from batches.choices import PromptStatus
from batches.models import Batch, BatchEvent, ModelQuality, Prompt
from billing.models import CreditGrant, LedgerEntry, Membership, MembershipEvent
from lib.utc_days import end_of, within
from operations.models import Figure

#: The value of each figure and label.
Figures = dict[tuple[Figure, str], Decimal]

_TAKEN_BACK = (LedgerEntry.Kind.REFUND, LedgerEntry.Kind.DISPUTE)


def figures_of(day: date) -> Figures:
    found = [*_customers(day), *_payments(day), *_images(day), *_failures(day), *_service(day)]
    return {(name, label): Decimal(value) for name, label, value in found if value is not None}


Found = Iterator[tuple[Figure, str, Any]]


def _during(rows: QuerySet[Any], column: str, day: date) -> QuerySet[Any]:
    return rows.filter(within(column, day)).order_by()


def _made(day: date) -> QuerySet[Any]:
    return _during(Prompt.objects.made(), "ready_at", day)


def _customers(day: date) -> Found:
    yield Figure.SIGN_UPS, "", _during(User.objects.filter(is_staff=False), "date_joined", day).count()
    active = _made(day).aggregate(count=Count("batch__user", distinct=True))
    yield Figure.ACTIVE_CUSTOMERS, "", active["count"]


def _payments(day: date) -> Found:
    ended = Membership.Status.ENDED
    moves = _during(MembershipEvent.objects.filter(membership__source=Membership.Source.STRIPE), "created_at", day)
    yield Figure.NEW_SUBSCRIPTIONS, "", moves.filter(from_status__in=("", ended)).exclude(to_status=ended).count()
    yield Figure.ENDED_SUBSCRIPTIONS, "", moves.filter(to_status=ended).exclude(from_status=ended).count()
    packs = _during(CreditGrant.objects.filter(origin=CreditGrant.Origin.PACK), "created_at", day)
    cents = 0
    for amount, count, paid in packs.values_list("amount").annotate(Count("pk"), Sum("paid_cents")):
        yield Figure.PACKS, str(amount), count
        cents += paid
    yield Figure.PACK_CENTS, "", cents
    # With a grant, so that the index on it leaves out the entries of images.
    taken = LedgerEntry.objects.filter(grant__isnull=False, kind__in=_TAKEN_BACK, amount__lt=0)
    totals = _during(taken, "created_at", day).aggregate(count=Count("pk"), credits=-Sum("amount", default=0))
    yield Figure.REFUNDS, "", totals["count"]
    yield Figure.REFUNDED_CREDITS, "", totals["credits"]


def _images(day: date) -> Found:
    usual = ModelQuality.objects.filter(image_model=OuterRef("image_model"), quality=OuterRef("quality"))
    # Some servers do not report the tokens of an image.
    cost = Coalesce("upstream_cost_cents", Subquery(usual.values("upstream_cost_cents")[:1]))
    rows = _made(day).annotate(cost=cost).values_list("image_model__code")
    facts = {
        Figure.IMAGES: Count("pk"),
        Figure.CREDITS: Sum("credits"),
        Figure.COST_CENTS: Sum("cost", default=0),
        Figure.SECONDS: Sum("duration_seconds", default=0),
    }
    for model, *values in rows.annotate(**{f"{name}_of_day": fact for name, fact in facts.items()}):
        for name, value in zip(facts, values, strict=True):
            yield name, model, value
    for model, cents in _revenue(day).items():
        yield Figure.REVENUE_CENTS, model, cents


def _revenue(day: date) -> dict[str, Decimal]:
    """Return the revenue of the day's images by model: their credits, at what their customer paid for one on average.

    No row says which grants paid for an image. Credits that came back after a dispute, and the later months of a year
    that is paid, are parts of another grant.
    """
    users = _made(day).values("batch__user")
    grants = CreditGrant.objects.filter(account__user__in=users, created_at__lt=end_of(day)).order_by()
    grants = grants.exclude(key__startswith="undo:").exclude(~Q(invoice=""), key__startswith="renew:")
    bought = Sum(F("amount") + F("later_credits"))
    sums = grants.values_list("account__user").annotate(cents=Sum("paid_cents"), bought=bought)
    prices = {user: Decimal(cents) / count for user, cents, count in sums}
    found: dict[str, Decimal] = defaultdict(Decimal)
    used = _made(day).values_list("image_model__code", "batch__user").annotate(Sum("credits"))
    for model, user, count in used:
        found[model] += count * prices.get(user, 0)
    return found


def _failures(day: date) -> Found:
    failed = BatchEvent.objects.filter(to_status=PromptStatus.FAILED)
    for code, count in _during(failed, "created_at", day).values_list("reason").annotate(Count("pk")):
        yield Figure.FAILURES, code[:80], count


def _service(day: date) -> Found:
    requests = KeyUsageDay.objects.filter(on=day).aggregate(count=Sum("requests", default=0))
    yield Figure.API_REQUESTS, "", requests["count"]
    yield Figure.API_IMAGES, "", _made(day).exclude(batch__api_key=None).count()
    minutes = _made(day).annotate(minute=TruncMinute("ready_at", tzinfo=UTC)).values("minute")
    peak = minutes.annotate(count=Count("pk")).aggregate(peak=Max("count"))
    yield Figure.PEAK_PER_MINUTE, "", peak["peak"] or 0
    wait = ExpressionWrapper(F("started_at") - F("created_at"), output_field=DurationField())
    longest = _during(Batch.objects.all(), "started_at", day).aggregate(wait=Max(wait))["wait"]
    yield Figure.LONGEST_WAIT, "", round(longest.total_seconds()) if longest else 0
