"""The stand-in's controls for programs: JSON in and out, no key. `sandbox/README.md` lists them."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import forgery
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE

from . import forms

Control = Callable[..., Any]


class Refused(Exception):
    """What was sent is not what the control takes."""

    def __init__(self, errors: object, status: int = 400) -> None:
        super().__init__(str(errors))
        self.errors, self.status = errors, status


def control(*methods: str, locks: bool = True) -> Callable[[Control], Control]:
    """Make a function `(request, body, …)` a control. The stand-in is locked while it runs, unless `locks` is off."""

    def decorate(act: Control) -> Control:
        @csrf_exempt
        @require_http_methods(methods)
        @wraps(act)
        def view(request: HttpRequest, **path: Any) -> JsonResponse:
            start_saving()
            try:
                body = _json_object(request)
                if not locks:
                    return JsonResponse(act(request, body, **path))
                with STRIPE.store.lock:
                    STRIPE.base_url = request.build_absolute_uri("/").rstrip("/")
                    STRIPE.catch_up()
                    STRIPE.touch()
                    return JsonResponse(act(request, body, **path))
            except Refused as refused:
                return JsonResponse({"errors": refused.errors}, status=refused.status)
            except StripeError as error:
                return JsonResponse(error.body("control"), status=error.status)

        return view

    return decorate


def _json_object(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    # A page on another site can post a form, but not JSON: that is what stands in for a token here.
    if request.content_type != "application/json":
        raise Refused({"__all__": ["Send JSON."]}, 415)
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused({"__all__": ["Send a JSON object."]})
    return body


def _valid(form: django_forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise Refused(form.errors.get_json_data())
    return form.cleaned_data


def _with_json_fields(form: type[django_forms.Form], body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The cleaned body; the named fields are JSON already and go into the form as its text."""
    return _valid(form({name: json.dumps(value) if name in names else value for name, value in body.items()}))


@control("GET", "POST")
def settings(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Show the behaviour, or change what the object names."""
    form = forms.BehaviourForm.with_changes(body)
    _valid(form)
    return form.save()


@control("GET", "POST")
def clock(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Show the clock, or move it forward; what is due happens on the way."""
    form = forms.ClockForm(body)
    _valid(form)
    return {"now": form.save() if body else STRIPE.clock.now()}


@control("POST")
def reset(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    STRIPE.reset()
    return {}


@control("GET", "DELETE")
def violations(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Show the requests that Stripe would have refused, or delete them."""
    if request.method == "DELETE":
        STRIPE.violations.clear()
    return {"violations": STRIPE.violations.as_json()}


@control("GET", "DELETE")
def requests(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Show the last requests to the API, or delete them."""
    if request.method == "DELETE":
        STRIPE.requests.clear()
    return {"requests": STRIPE.requests.as_json()}


@control("POST")
def webhook(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Deliver events to a URL, signed with a secret of the caller's choice; `events` is a list, or all."""
    given = _with_json_fields(forms.WebhookForm, body, "events")
    return STRIPE.webhook_endpoints.register(given["url"], given["secret"], given["events"] or ["*"])


@control("GET", "POST", "DELETE", locks=False)
def deliveries(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Show the deliveries, change how events are delivered, or delete all deliveries."""
    if request.method == "DELETE":
        STRIPE.deliveries.reset()
    form = forms.MannerForm.with_changes(body)
    _valid(form)
    form.save()
    return STRIPE.deliveries.summary()


@control("POST")
def replay(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Deliver events again: those named, those of a type, or all."""
    given = _with_json_fields(forms.ReplayForm, body, "events")
    if given["events"]:
        chosen = [STRIPE.events.get(event_id, "events") for event_id in given["events"]]
    else:
        chosen = [event for event in STRIPE.events.all() if given["type"] in ("", event["type"])]
    for event in chosen:
        STRIPE.deliveries.queue(event, STRIPE.webhook_endpoints.listening(event["type"]), given["copies"] or 1)
    return {"queued": [event["id"] for event in chosen]}


@control("POST", locks=False)
def forge(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Send each endpoint an event that Stripe never sent, and show its answers."""
    given = _with_json_fields(forms.ForgeForm, body, "object")
    return {"answers": forgery.sent(given)}


@control("POST", locks=False)
def drain(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Wait until all events are delivered."""
    given = _valid(forms.DrainForm({"seconds": 10, **body}))
    return {"drained": STRIPE.deliveries.drain(given["seconds"])}


@control("POST")
def pay(request: HttpRequest, body: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Pay a Checkout session with a test card, as on its page; 3-D Secure is confirmed."""
    card = _valid(forms.CheckoutCardForm({"card": "pm_card_visa", **body}))["card"]
    session = STRIPE.checkout_sessions.get(session_id)
    return {"paid": STRIPE.checkout_sessions.pay(session, card), "session": session}


@control("POST")
def settle(request: HttpRequest, body: dict[str, Any], intent_id: str) -> dict[str, Any]:
    """End a payment that is processing or waits for 3-D Secure."""
    succeeded = _valid(forms.OutcomeForm({"succeeded": True, **body}))["succeeded"]
    intent = STRIPE.payment_intents.get(intent_id)
    STRIPE.payment_intents.settle(intent, succeeded=succeeded)
    return intent


@control("POST")
def use_card(request: HttpRequest, body: dict[str, Any], customer_id: str) -> dict[str, Any]:
    """Make a test card the customer's default, and that of their subscriptions."""
    card = _valid(forms.CardForm(body))["card"]
    return STRIPE.portal_sessions.use_card(STRIPE.customers.get(customer_id), card)


@control("POST")
def expire_card(request: HttpRequest, body: dict[str, Any], customer_id: str) -> dict[str, Any]:
    """Let the customer's card end with the current month."""
    method = STRIPE.payment_methods.default_of(customer_id)
    if method is None:
        raise Refused({"customer_id": ["This customer has no card."]})
    STRIPE.payment_methods.expire_soon(method)
    return method


@control("POST")
def dispute(request: HttpRequest, body: dict[str, Any], charge_id: str) -> dict[str, Any]:
    given = _valid(forms.DisputeForm(body))
    return STRIPE.disputes.open(charge_id, given["amount"], given["reason"] or "fraudulent")


@control("POST")
def decide(request: HttpRequest, body: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Have the bank decide a dispute; `succeeded` is won by us."""
    succeeded = _valid(forms.OutcomeForm(body))["succeeded"]
    return STRIPE.disputes.decide(dispute_id, won=succeeded)


@control("POST")
def fail_refund(request: HttpRequest, body: dict[str, Any], refund_id: str) -> dict[str, Any]:
    """Have the bank return a refund."""
    return STRIPE.refunds.fail(refund_id)
