"""A customer's plan, credits and statement."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from billing import plans, quotas
from billing.credits import ledger
from billing.credits.renewals import next_renewal_at
from billing.credits.statement import statement
from billing.entitlements import current_membership, unpaid_membership
from billing.payments.invoices import bills_of


@login_required
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    membership = current_membership(request.user)
    context = {
        "membership": membership,
        "unpaid": unpaid_membership(request.user),
        "renews_at": membership and next_renewal_at(membership),
        "account": ledger.account_of(request.user),
        "allowance": quotas.allowance(request.user),
        "bills": bills_of(request.user),
        "statement": statement(request.user, request.GET.get("page")),
        "plans": plans.PLANS,
        "packs": plans.PACKS,
    }
    return render(request, "billing/overview.html", context)
