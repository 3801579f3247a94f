"""The portal: where customers manage cards, plans and invoices. Nothing on it is real."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sandbox import environment
from sandbox.stripe.errors import StripeError
from sandbox.stripe.money import written
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj

CARDS = {
    "works": "pm_card_visa",
    "fails": "pm_card_chargeCustomerFail",
    "authenticates": "pm_card_authenticationRequired",
}
Act = Callable[[HttpRequest, Obj, Obj], None]


def _portal(secret: str) -> Obj:
    start_saving()
    STRIPE.catch_up()
    session = STRIPE.portal_sessions.by_secret(secret)
    if session is None:
        raise Http404
    return session


@require_GET
def portal(request: HttpRequest, secret: str) -> HttpResponse:
    with STRIPE.store.lock:
        return _page(request, secret, _portal(secret))


def _page(request: HttpRequest, secret: str, session: Obj, message: str = "", status: int = 200) -> HttpResponse:
    customer = STRIPE.customers.get(session["customer"])
    method = STRIPE.payment_methods.default_of(customer["id"])
    invoices = [each for each in reversed(STRIPE.invoices.all()) if each["customer"] == customer["id"]]
    context = {
        "secret": secret,
        "customer": customer,
        "return_url": session["return_url"],
        "card": (method or {}).get("card"),
        "subscriptions": [_subscription(session, each) for each in STRIPE.subscriptions.open_of(customer["id"])],
        "reasons": STRIPE.portal_sessions.reasons(session),
        "invoices": [_invoice(each) for each in invoices if each["status"] != "draft"],
        "owes": any(each["status"] == "open" for each in invoices),
        "message": message,
        "site_url": environment.site_url(),
    }
    return render(request, "sandbox/stripe/portal.html", context, status=status)


def _subscription(session: Obj, subscription: Obj) -> Obj:
    """A subscription for people: its plan, its end, what it can change to."""
    price, planned = subscription["items"]["data"][0]["price"], _next_price(subscription)
    offers = [each for each in STRIPE.portal_sessions.offers(session, subscription) if each["id"] != planned.get("id")]
    return {
        "id": subscription["id"],
        "status": subscription["status"],
        "name": _name(price),
        "period_end": shown_time(STRIPE.subscriptions.period_end(subscription)),
        "ends_at": shown_time(subscription["cancel_at"]),
        "next": _name(planned) if planned else "",
        "offers": [{"id": each["id"], "name": _name(each)} for each in offers],
    }


def _next_price(subscription: Obj) -> Obj:
    """The price that is scheduled for the next period; empty if none is."""
    schedule = STRIPE.store.find("subscription_schedule", subscription["schedule"] or "")
    if schedule is None or len(schedule["phases"]) < 2:
        return {}
    return STRIPE.prices.get(schedule["phases"][-1]["items"][0]["price"])


def _name(price: Obj) -> str:
    product = STRIPE.products.get(price["product"])
    period = _(" a year") if price["recurring"]["interval"] == "year" else ""
    return f"{product['name']}, {written(price['unit_amount'], price['currency'])}{period}"


def _invoice(invoice: Obj) -> Obj:
    return {
        **invoice,
        "shown": written(invoice["total"], invoice["currency"]),
        "created_at": shown_time(invoice["created"]),
    }


def shown_time(moment: int | None) -> datetime | None:
    """A moment for templates."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


def act(change: Act) -> Callable[..., HttpResponse]:
    """Make `(request, session, subscription)` a POST-only act of the portal; a refusal is shown on the page."""

    @require_POST
    @wraps(change)
    def view(request: HttpRequest, secret: str, subscription_id: str = "") -> HttpResponse:
        with STRIPE.store.lock:
            session = _portal(secret)
            customer = STRIPE.customers.get(session["customer"])
            try:
                change(request, session, _own(customer, subscription_id))
            except StripeError as error:
                return _page(request, secret, session, str(error), error.status)
            STRIPE.touch()
        return redirect("stripe:portal", secret)

    return view


def _own(customer: Obj, subscription_id: str) -> Obj:
    """The customer's subscription of that id; 404 when it is another's. Without an id, nothing."""
    if not subscription_id:
        return {}
    subscription = STRIPE.store.find("subscription", subscription_id)
    if subscription is None or subscription["customer"] != customer["id"]:
        raise Http404
    return subscription


@act
def change_card(request: HttpRequest, session: Obj, subscription: Obj) -> None:
    """Replace the card. Open invoices are charged to it at the next attempt, or when the customer pays here."""
    customer = STRIPE.customers.get(session["customer"])
    STRIPE.portal_sessions.use_card(customer, CARDS.get(request.POST.get("card", ""), "pm_card_visa"))


@act
def pay_open_invoices(request: HttpRequest, session: Obj, subscription: Obj) -> None:
    for invoice in STRIPE.invoices.all():
        if invoice["customer"] == session["customer"] and invoice["status"] == "open":
            STRIPE.invoices.pay({}, invoice["id"])


@act
def switch(request: HttpRequest, session: Obj, subscription: Obj) -> None:
    """Change the plan: an upgrade now, a downgrade at the end of the period."""
    offers = {each["id"]: each for each in STRIPE.portal_sessions.offers(session, subscription)}
    price = offers.get(request.POST.get("price", ""))
    if price is None:
        raise StripeError(400, _("This plan is not on offer."))
    STRIPE.portal_sessions.switch(session, subscription, price)


@act
def cancel(request: HttpRequest, session: Obj, subscription: Obj) -> None:
    reason = request.POST.get("reason", "")
    STRIPE.portal_sessions.cancel(subscription, reason if reason in STRIPE.portal_sessions.reasons(session) else "")


@act
def resume(request: HttpRequest, session: Obj, subscription: Obj) -> None:
    STRIPE.subscriptions.resume({}, subscription["id"])


@act
def keep_plan(request: HttpRequest, session: Obj, subscription: Obj) -> None:
    if subscription["schedule"]:
        STRIPE.subscription_schedules.release({}, subscription["schedule"])
