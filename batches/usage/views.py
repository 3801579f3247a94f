"""The usage page: the numbers of `GET /api/v1/usage` for the last 30 days, as charts and tables."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import ApiKey
from accounts.requests import SignedInRequest
from batches.access import find_key
from batches.usage.charts import charts
from batches.usage.totals import DEFAULT_DAYS, stored_characters
from batches.usage.totals import usage as usage_of
from billing.entitlements import plan_of

#: Selects the usage of the site, in place of a key's id.
SITE = "site"


@login_required
@require_safe
def usage(request: SignedInRequest) -> HttpResponse:
    whole = shown = usage_of(request.user)
    choice = request.GET.get("key", "")
    if choice:
        shown = whole.only(None if choice == SITE else find_key(request.user, choice))
    used = [each.key for each in whole.keys if each.key]
    unused = [key for key in ApiKey.objects.of(request.user).filter(revoked_at=None) if key not in used]
    context = {
        "days": DEFAULT_DAYS,
        "text_used": stored_characters(request.user),
        "text_limit": plan_of(request.user).stored_characters,
        "whole": whole,
        "shown": shown,
        "charts": charts(shown.days, shown.totals),
        "rows": list(reversed(shown.days.items())),
        "choice": choice,
        "choices": used + unused,
        "site": SITE,
    }
    return render(request, "batches/usage/usage.html", context)
