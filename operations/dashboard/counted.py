"""The figures of a day that its rows tell, at any later time."""

from collections.abc import Iterator
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMinute

from accounts.models import KeyUsageDay, User
from batches.choices import PromptStatus
from batches.models import Batch, BatchEvent, ModelQuality, Prompt
from billing import plans
from billing.models import CreditGrant, LedgerEntry, Membership, MembershipEvent
from lib.utc_days import within
from operations.models import Figure

#: The value of each figure and label.
Figures = dict[tuple[Figure, str], Decimal]

_TAKEN_BACK = (LedgerEntry.Kind.REFUND, LedgerEntry.Kind.DISPUTE)
_PACK_CENTS = {pack.credits: pack.price_cents for pack in plans.PACKS}


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
    for amount, count in packs.values_list("amount").annotate(Count("pk")):
        yield Figure.PACKS, str(amount), count
        cents += count * _PACK_CENTS.get(amount, 0)
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
