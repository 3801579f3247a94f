"""Views that lead to Stripe's payment and portal pages, and the pages to which customers return."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest, limited_per_user, signed_in_post_required
from billing import plans
from billing.credits import ledger
from billing.entitlements import current_membership
from billing.payments import checkout as buying
from billing.payments.purchases import PAID

logger = logging.getLogger(__name__)

# Each of these pages calls Stripe, whose rate limit is for our whole account: one customer must not use it up.
_limited = limited_per_user("payments", 20)


@signed_in_post_required
@_limited
def checkout(request: SignedInRequest) -> HttpResponse:
    product = plans.sellable(request.POST.get("product", ""))
    if product is None:
        raise Http404
    try:
        return _away(buying.new_session(request.user, product, _language())["url"])
    except buying.AlreadySubscribed:
        messages.info(request, _already_subscribed(request))
    except buying.StripeError:
        _report_error(request)
    return redirect("billing:overview")


@signed_in_post_required
@_limited
def portal(request: SignedInRequest) -> HttpResponse:
    try:
        return _away(buying.portal_for(request.user, _language(), settings.SITE_URL + reverse("billing:overview")))
    except buying.NothingToManage:
        messages.info(request, _("You haven’t bought anything yet."))
    except buying.StripeError:
        _report_error(request)
    return redirect("billing:overview")


@login_required
@require_safe
@_limited
def success(request: SignedInRequest) -> HttpResponse:
    """Booked here, without waiting for the webhook."""
    session_id = request.GET.get("session", "")
    if not session_id:
        return redirect("billing:overview")
    try:
        session = buying.confirm(request.user, session_id)
    except buying.NotYours as unknown:
        raise Http404 from unknown
    except buying.StripeError:
        logger.exception("a payment could not be confirmed; its webhook will book it")
        session = {"status": "complete", "payment_status": "unpaid"}
    context = {
        "is_paid": session["payment_status"] in PAID,
        "is_complete": session["status"] == "complete",
        "membership": current_membership(request.user) if session.get("subscription") else None,
        "account": ledger.account_of(request.user),
    }
    return render(request, "billing/success.html", context)


@login_required
@require_safe
def cancelled(request: SignedInRequest) -> HttpResponse:
    messages.info(request, _("Checkout cancelled. You weren’t charged."))
    return redirect("billing:overview")


def _already_subscribed(request: SignedInRequest) -> str:
    if current_membership(request.user):
        return _("You already have a plan. Select “Manage billing” to change or cancel it.")
    return _("You already have a plan that isn’t paid yet. Select “Manage billing” to pay or cancel it.")


def _away(url: str) -> HttpResponse:
    # 303: the browser follows with GET.
    return HttpResponseRedirect(url, status=303)


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def _report_error(request: SignedInRequest) -> None:
    logger.exception("Stripe's page could not be opened")
    messages.error(request, _("We couldn’t open the payment page. You weren’t charged. Try again later."))
