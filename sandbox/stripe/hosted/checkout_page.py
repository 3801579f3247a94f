"""The payment page. Nothing on it is real."""

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import environment
from sandbox.redirects import SiteRedirect, may_lead_to
from sandbox.stripe.errors import StripeError
from sandbox.stripe.money import written
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj

from .authentication_page import authentication_page
from .portal_page import shown_time

# The test cards that the page offers.
WORKING_CARD, FAILING_LATER_CARD = "pm_card_visa", "pm_card_chargeCustomerFail"
AUTHENTICATED_CARD, NO_CARD = "pm_card_authenticationRequired", ""
DECLINED_CARD, BANK_DEBIT = "pm_card_chargeDeclined", "pm_usBankAccount_success"
FAILING_DEBIT = "pm_usBankAccount_insufficientFunds"
OFFERED_CARDS = (WORKING_CARD, FAILING_LATER_CARD, AUTHENTICATED_CARD, NO_CARD)


def _session(session_id: str) -> Obj:
    """The Checkout session of a page; 404 when there is none."""
    start_saving()
    STRIPE.catch_up()
    session = STRIPE.store.find("checkout.session", session_id)
    if session is None:
        raise Http404
    return session


@require_GET
def checkout(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Show the page, or go back to the site once it is paid."""
    with STRIPE.store.lock:
        session = _session(session_id)
        if session["status"] == "complete":
            return SiteRedirect(_success_url(session))
        if STRIPE.checkout_sessions.must_manage_instead(session):
            visit = {"customer": session["customer"], "return_url": session["cancel_url"]}
            return HttpResponseRedirect(STRIPE.portal_sessions.create(visit)["url"])
        return _checkout_page(request, session)


def _checkout_page(request: HttpRequest, session: Obj, message: str = "", status: int = 200) -> HttpResponseBase:
    items = [
        {**item, "shown": written(item["amount_subtotal"], item["currency"])}
        for item in STRIPE.checkout_sessions.items(session)
    ]
    currency = session["currency"]
    recurring = sum(item["amount_subtotal"] for item in items if item["price"]["recurring"])
    email = (session["customer_details"] or {}).get("email") or session["customer_email"]
    context = {
        "session": session,
        "items": items,
        "total": written(session["amount_total"], currency),
        "discount": written(session["total_details"]["amount_discount"], currency),
        "renewal": written(recurring, currency) if recurring else "",
        "trial_end": shown_time(STRIPE.checkout_sessions.trial_end(session)),
        "needs_no_card": STRIPE.checkout_sessions.needs_no_card(session),
        "email": email,
        "message": message,
        "site_url": environment.site_url(),
    }
    response = render(request, "sandbox/stripe/checkout.html", context, status=status)
    return may_lead_to(session["success_url"], response, request)


@require_POST
def pay(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Pay with the chosen card and go back to the site; one card asks for 3-D Secure first."""
    card = request.POST.get("card", WORKING_CARD)
    with STRIPE.store.lock:
        names = ("business_name", "tax_id")
        STRIPE.checkout_sessions.collect_tax_id(_session(session_id), *[request.POST.get(name, "") for name in names])
    if card == AUTHENTICATED_CARD:
        return redirect("stripe:authenticate_checkout", session_id)
    return _pay_with(request, session_id, card if card in OFFERED_CARDS else WORKING_CARD)


@require_http_methods(["GET", "POST"])
def authenticate(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """The 3-D Secure page of the customer's bank, before a payment page is paid."""
    if "complete" in request.POST:
        return _pay_with(request, session_id, AUTHENTICATED_CARD)
    with STRIPE.store.lock:
        session = _session(session_id)
        if request.method == "GET" and session["status"] == "open":
            response = authentication_page(request, session["amount_total"], session["currency"])
            return may_lead_to(session["success_url"], response, request)
        if session["status"] != "open":
            return redirect("stripe:checkout", session_id)
        STRIPE.checkout_sessions.authentication_failed(session)
        STRIPE.touch()
        return _checkout_page(
            request, session, _("We could not confirm that it's you. Try again or use another card."), 402
        )


@require_POST
def decline(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Try a card that is declined; the page stays open."""
    return _pay_with(request, session_id, DECLINED_CARD)


@require_POST
def pay_later(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Pay by bank debit, which takes days and may fail then."""
    return _pay_with(request, session_id, FAILING_DEBIT if "fails" in request.POST else BANK_DEBIT)


def _pay_with(request: HttpRequest, session_id: str, card: str) -> HttpResponseBase:
    with STRIPE.store.lock:
        session = _session(session_id)
        if session["status"] == "open":
            try:
                paid = STRIPE.checkout_sessions.pay(session, card)
            except StripeError as error:
                return _checkout_page(request, session, str(error), error.status)
            finally:
                STRIPE.touch()
            if not paid:
                return _checkout_page(request, session, _("The card was declined. Try another one."), 402)
        if session["status"] != "complete":
            return _checkout_page(request, session, status=410)
        return SiteRedirect(_success_url(session))


@require_POST
def redeem(request: HttpRequest, session_id: str) -> HttpResponseBase:
    with STRIPE.store.lock:
        session = _session(session_id)
        if session["status"] == "open" and STRIPE.checkout_sessions.redeem(
            session, request.POST.get("code", "").strip()
        ):
            return redirect("stripe:checkout", session_id)
        return _checkout_page(request, session, _("This code is not valid."), 422)


def _success_url(session: Obj) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
