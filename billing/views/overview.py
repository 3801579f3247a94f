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
from billing.payments import delayed
from billing.payments.invoices import bills_of
from billing.payments.subscriptions import runs_at_stripe


@login_required
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    membership, unpaid = current_membership(request.user), unpaid_membership(request.user)
    under_way, failed = delayed.under_way(request.user), delayed.failed_lately(request.user)
    context = {
        "membership": membership,
        "unpaid": unpaid,
        "under_way": under_way,
        # A second subscription cannot be bought, even if the first one is not paid.
        "awaits_plan": not membership and runs_at_stripe(request.user),
        # An unpaid renewal has a notice of its own.
        "failed": [payment for payment in failed if not (unpaid and payment["invoice"])],
        "renews_at": membership and next_renewal_at(membership),
        "account": ledger.account_of(request.user),
        "allowance": quotas.allowance(request.user),
        "bills": bills_of(request.user, [payment["invoice"] for payment in under_way]),
        "statement": statement(request.user, request.GET.get("page")),
        "plans": plans.PLANS,
        "packs": plans.PACKS,
    }
    return render(request, "billing/overview.html", context)
