"""The hosted pages: where customers pay, manage what they bought, and read invoices. Nothing on them is real."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sandbox import environment
from sandbox.redirects import SiteRedirect, may_lead_to
from sandbox.stripe.errors import StripeError
from sandbox.stripe.money import written
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj

# The cards that the page offers, and what each is good for.
WORKING_CARD, FAILING_LATER_CARD = "pm_card_visa", "pm_card_chargeCustomerFail"
DECLINED_CARD, BANK_DEBIT = "pm_card_chargeDeclined", "pm_usBankAccount_success"
OFFERED_CARDS = (WORKING_CARD, FAILING_LATER_CARD)


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
    """The page on which a session is paid, or what has become of it."""
    with STRIPE.store.lock:
        session = _session(session_id)
        if session["status"] == "complete":
            return SiteRedirect(_success_url(session))
        return _checkout_page(request, session)


def _checkout_page(request: HttpRequest, session: Obj, message: str = "", status: int = 200) -> HttpResponseBase:
    items = [
        {**item, "shown": written(item["amount_subtotal"], item["currency"])}
        for item in STRIPE.checkout_sessions.items(session)
    ]
    currency = session["currency"]
    email = (session["customer_details"] or {}).get("email") or session["customer_email"]
    context = {
        "session": session,
        "items": items,
        "total": written(session["amount_total"], currency),
        "discount": written(session["total_details"]["amount_discount"], currency),
        "renewal": written(session["amount_subtotal"], currency) if session["mode"] == "subscription" else "",
        "email": email,
        "message": message,
        "site_url": environment.site_url(),
    }
    response = render(request, "sandbox/stripe/checkout.html", context, status=status)
    return may_lead_to(session["success_url"], response, request)


@require_POST
def pay(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Pay with the card that was chosen, and go back to the site."""
    card = request.POST.get("card", WORKING_CARD)
    return _pay_with(request, session_id, card if card in OFFERED_CARDS else WORKING_CARD)


@require_POST
def decline(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Try a card that is declined; the page stays."""
    return _pay_with(request, session_id, DECLINED_CARD)


@require_POST
def pay_later(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Pay by a bank debit, whose money comes days later."""
    return _pay_with(request, session_id, BANK_DEBIT)


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
    """Apply a promotion code."""
    with STRIPE.store.lock:
        session = _session(session_id)
        if session["status"] == "open" and STRIPE.checkout_sessions.redeem(
            session, request.POST.get("code", "").strip()
        ):
            return redirect("stripe:checkout", session_id)
        return _checkout_page(request, session, _("This code is not valid."), 422)


def _success_url(session: Obj) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


@require_GET
def invoice(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """An invoice for people."""
    return _document(request, "invoice", invoice_id)


@require_POST
def pay_invoice(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """Pay an open invoice with a card that works; one that was paid meanwhile stays paid once."""
    with STRIPE.store.lock:
        found = STRIPE.store.find("invoice", invoice_id)
        if found is None:
            raise Http404
        if found["status"] == "open":
            STRIPE.invoices.pay({"payment_method": WORKING_CARD}, invoice_id)
            STRIPE.touch()
    return redirect("stripe:invoice", invoice_id)


@require_GET
def receipt(request: HttpRequest, charge_id: str) -> HttpResponse:
    """A receipt for people."""
    return _document(request, "charge", charge_id)


def _document(request: HttpRequest, kind: str, object_id: str) -> HttpResponse:
    start_saving()
    with STRIPE.store.lock:
        found = STRIPE.store.find(kind, object_id)
        if found is None:
            raise Http404
        lines = found["lines"]["data"] if kind == "invoice" else [found]
        context: dict[str, Any] = {
            "document": found,
            "lines": [
                {"description": each["description"], "shown": written(each["amount"], each["currency"])}
                for each in lines
            ],
            "total": written(found["total" if kind == "invoice" else "amount"], found["currency"]),
            "site_url": environment.site_url(),
        }
        return render(request, "sandbox/stripe/document.html", context)
