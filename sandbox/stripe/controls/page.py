"""The control page: the clock, the webhooks, and what customers and banks can do next."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandbox import environment
from sandbox.stripe.errors import StripeError
from sandbox.stripe.hosted.portal_page import CARDS, shown_time
from sandbox.stripe.money import written
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj

from . import forms

SHOWN = 25
UNSETTLED = ("processing", "requires_action")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    start_saving()
    with STRIPE.store.lock:
        STRIPE.catch_up()
        return _page(request)


def _page(request: HttpRequest, message: str = "", status: int = 200, **filled: Form) -> HttpResponse:
    context = {
        "message": message,
        "now": shown_time(STRIPE.clock.now()),
        "clock_form": forms.ClockForm(),
        "behaviour_form": filled.get("behaviour", forms.BehaviourForm.with_changes({})),
        "manner_form": filled.get("manner", forms.MannerForm.with_changes({})),
        "subscriptions": [_subscription(each) for each in _newest(STRIPE.subscriptions.all())],
        "unsettled": [_priced(each) for each in STRIPE.payment_intents.all() if each["status"] in UNSETTLED],
        "charges": [_priced(each) for each in _newest(STRIPE.charges.all()) if each["paid"]],
        "disputes": [_priced(each) for each in _newest(STRIPE.disputes.all())],
        "endpoints": STRIPE.webhook_endpoints.all(),
        "events": _newest(STRIPE.events.all()),
        "requests": STRIPE.requests.last(SHOWN),
        "violations": STRIPE.violations.as_json()[-SHOWN:],
        "site_url": environment.site_url(),
    }
    return render(request, "sandbox/stripe/control.html", context, status=status)


def _newest(objects: list[Obj]) -> list[Obj]:
    return objects[: -SHOWN - 1 : -1]


def _priced(obj: Obj) -> Obj:
    return {**obj, "shown": written(obj["amount"], obj["currency"])}


def _subscription(subscription: Obj) -> Obj:
    customer = STRIPE.customers.get(subscription["customer"])
    price = subscription["items"]["data"][0]["price"]
    return {
        **subscription,
        "email": customer.get("email") or customer["id"],
        "price": written(price["unit_amount"], price["currency"]),
        "period_end": shown_time(STRIPE.subscriptions.period_end(subscription)),
    }


def act(change: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Make `(request, …)` a POST-only act of the page; a form that is not valid, or a refusal, is shown on it."""

    @require_POST
    @wraps(change)
    def view(request: HttpRequest, **path: str) -> HttpResponse:
        start_saving()
        with STRIPE.store.lock:
            STRIPE.catch_up()
            STRIPE.base_url = request.build_absolute_uri("/").rstrip("/")
            try:
                refused = change(request, **path)
            except StripeError as error:
                return _page(request, str(error), error.status)
            STRIPE.touch()
            if refused is not None:
                return _page(request, status=422, **refused)
        return redirect("stripe:control")

    return view


@act
def move_clock(request: HttpRequest) -> None:
    form = forms.ClockForm(request.POST)
    if form.is_valid():
        form.save()


@act
def save_behaviour(request: HttpRequest) -> dict[str, Form] | None:
    return _saved(forms.BehaviourForm(request.POST), "behaviour")


@act
def save_manner(request: HttpRequest) -> dict[str, Form] | None:
    return _saved(forms.MannerForm(request.POST), "manner")


def _saved(form: Any, name: str) -> dict[str, Form] | None:
    if not form.is_valid():
        return {name: form}
    form.save()
    return None


@act
def settle(request: HttpRequest, intent_id: str) -> None:
    """End a payment that is processing or waits for 3-D Secure."""
    STRIPE.payment_intents.settle(STRIPE.payment_intents.get(intent_id), succeeded="succeeded" in request.POST)


@act
def use_card(request: HttpRequest, customer_id: str) -> None:
    card = next((card for name, card in CARDS.items() if name in request.POST), "pm_card_visa")
    STRIPE.portal_sessions.use_card(STRIPE.customers.get(customer_id), card)


@act
def expire_card(request: HttpRequest, customer_id: str) -> None:
    """Let a customer's card end with the current month."""
    if (method := STRIPE.payment_methods.default_of(customer_id)) and method["type"] == "card":
        STRIPE.payment_methods.expire_soon(method)


@act
def refund(request: HttpRequest, charge_id: str) -> None:
    """Refund a charge, or half of what is left of it."""
    charge = STRIPE.charges.get(charge_id)
    left = charge["amount_captured"] - charge["amount_refunded"]
    params = {"charge": charge_id, **({"amount": left // 2} if "half" in request.POST else {})}
    STRIPE.refunds.create(params)


@act
def dispute(request: HttpRequest, charge_id: str) -> None:
    STRIPE.disputes.open(charge_id)


@act
def decide(request: HttpRequest, dispute_id: str) -> None:
    STRIPE.disputes.decide(dispute_id, won="won" in request.POST)


@act
def redeliver(request: HttpRequest, event_id: str) -> None:
    event = STRIPE.events.get(event_id)
    STRIPE.deliveries.queue(event, STRIPE.webhook_endpoints.listening(event["type"]), 1)
