"""What a customer used in the last 30 days: the same numbers as `GET /api/v1/usage`, as charts and as tables."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import ApiKey, User
from accounts.requests import SignedInRequest
from batches.access import find_key
from batches.models import Batch
from batches.usage.charts import charts
from batches.usage.totals import DEFAULT_DAYS, Usage
from batches.usage.totals import usage as usage_of
from billing.entitlements import plan_of

#: Stands for what was made on the site, in the place of a key's id.
SITE = "site"


@login_required
@require_safe
def usage(request: SignedInRequest) -> HttpResponse:
    """Show requests, images and credits a day, of everything or of `?key=`."""
    whole = usage_of(request.user)
    choice = request.GET.get("key", "")
    shown = _part(request.user, whole, choice) if choice else whole
    context = {
        "days": DEFAULT_DAYS,
        "text_used": Batch.objects.owned_by(request.user).character_count(),
        "text_limit": plan_of(request.user).stored_characters,
        "whole": whole,
        "shown": shown,
        "charts": charts(shown.days, shown.totals),
        "rows": list(reversed(shown.days.items())),
        "choice": choice,
        "choices": _choices(request.user, whole),
        "site": SITE,
    }
    return render(request, "batches/usage/usage.html", context)


def _part(user: User, whole: Usage, choice: str) -> Usage:
    return whole.only(None if choice == SITE else find_key(user, choice))


def _choices(user: User, whole: Usage) -> list[ApiKey]:
    """Return the keys to choose from: those that were used, then those that work."""
    used = [each.key for each in whole.keys if each.key]
    return [*used, *(key for key in ApiKey.objects.of(user).filter(revoked_at=None) if key not in used)]
