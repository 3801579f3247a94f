"""The 3-D Secure page: where the customer's bank asks whether it is them."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from sandbox import environment
from sandbox.redirects import SiteRedirect, may_lead_to
from sandbox.stripe.money import written
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj


@require_http_methods(["GET", "POST"])
def authenticate(request: HttpRequest, intent_id: str) -> HttpResponseBase:
    """Confirm or refuse a payment that waits for it, then go back to where it was made."""
    start_saving()
    with STRIPE.store.lock:
        STRIPE.catch_up()
        intent = STRIPE.store.find("payment_intent", intent_id)
        if intent is None:
            raise Http404
        if request.method == "POST":
            STRIPE.payment_intents.settle(intent, succeeded="complete" in request.POST)
            STRIPE.touch()
        if intent["status"] != "requires_action":
            return SiteRedirect(_way_back(intent))
        response = authentication_page(request, intent["amount"], intent["currency"])
        return may_lead_to(_way_back(intent), response, request)


def authentication_page(request: HttpRequest, amount: int, currency: str) -> HttpResponse:
    """The page itself; its two buttons post to the address that it is shown at."""
    context = {"amount": written(amount, currency), "site_url": environment.site_url()}
    return render(request, "sandbox/stripe/authenticate.html", context)


def _way_back(intent: Obj) -> str:
    """The invoice that is paid; else where the request asked to return, with what became of the payment."""
    if invoice_id := STRIPE.invoice_payments.invoice_of(intent["id"]):
        return f"{STRIPE.base_url}/stripe/invoices/{invoice_id}"
    return_url = STRIPE.store.hidden(intent["id"]).get("return_url")
    if not return_url:
        return environment.site_url()
    outcome = "succeeded" if intent["status"] == "succeeded" else "failed"
    names = {"payment_intent": intent["id"], "payment_intent_client_secret": intent["client_secret"]}
    return f"{return_url}{'&' if '?' in return_url else '?'}{urlencode({**names, 'redirect_status': outcome})}"
