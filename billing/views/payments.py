"""To Stripe's pages and back: buy, manage, and what the customer sees on return."""

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
from billing.credits import ledger
from billing.payments import checkout as buying

logger = logging.getLogger(__name__)

# Each of these pages calls Stripe, which limits our account as a whole: one customer must not use that up.
_limited = limited_per_user("payments", 20)


@signed_in_post_required
@_limited
def checkout(request: SignedInRequest) -> HttpResponse:
    """Send the customer to Stripe's page for the plan or pack that `product` names."""
    product = buying.sellable(request.POST.get("product", ""))
    if product is None:
        raise Http404
    try:
        return _away(buying.page_for(request.user, product, _language()))
    except buying.AlreadySubscribed:
        messages.info(request, _("You already have a plan. Select “Manage billing” to change or cancel it."))
    except buying.StripeTrouble:
        _tell_trouble(request)
    return redirect("billing:overview")


@signed_in_post_required
@_limited
def portal(request: SignedInRequest) -> HttpResponse:
    """Send the customer to Stripe's page for cards, invoices, changing the plan and cancelling."""
    try:
        return _away(buying.portal_for(request.user, _language(), settings.SITE_URL + reverse("billing:overview")))
    except buying.NothingToManage:
        messages.info(request, _("You haven’t bought anything yet."))
    except buying.StripeTrouble:
        _tell_trouble(request)
    return redirect("billing:overview")


@login_required
@require_safe
@_limited
def success(request: SignedInRequest) -> HttpResponse:
    """Say that the payment has arrived, or that it is under way; looking books it, so no webhook is waited for."""
    try:
        status = buying.confirm(request.user, request.GET.get("session", ""))
    except buying.NotYours as unknown:
        raise Http404 from unknown
    except buying.StripeTrouble:
        logger.exception("a payment could not be confirmed; its webhook will book it")
        status = "unknown"
    account = ledger.account_of(request.user)
    return render(request, "billing/success.html", {"payment_status": status, "account": account})


@login_required
@require_safe
def cancelled(request: SignedInRequest) -> HttpResponse:
    """Say that nothing was charged."""
    messages.info(request, _("Checkout cancelled. You weren’t charged."))
    return redirect("billing:overview")


def _away(url: str) -> HttpResponse:
    # 303: the browser goes on with GET, whatever it was before.
    return HttpResponseRedirect(url, status=303)


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def _tell_trouble(request: SignedInRequest) -> None:
    logger.exception("Stripe's page could not be opened")
    messages.error(request, _("We couldn’t open the payment page. You weren’t charged. Try again later."))
