"""Invoices and receipts as pages; open invoices can be paid."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sandbox import environment
from sandbox.stripe.money import written
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj


@require_GET
def invoice(request: HttpRequest, invoice_id: str) -> HttpResponse:
    return _document(request, "invoice", invoice_id)


@require_POST
def pay_invoice(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """Pay an open invoice with a card that works; a second press does nothing."""
    with STRIPE.store.lock:
        found = STRIPE.store.find("invoice", invoice_id)
        if found is None:
            raise Http404
        if found["status"] == "open":
            STRIPE.invoices.pay({"payment_method": "pm_card_visa"}, invoice_id)
            STRIPE.touch()
    return redirect("stripe:invoice", invoice_id)


@require_GET
def receipt(request: HttpRequest, charge_id: str) -> HttpResponse:
    return _document(request, "charge", charge_id)


def _document(request: HttpRequest, kind: str, object_id: str) -> HttpResponse:
    start_saving()
    with STRIPE.store.lock:
        found = STRIPE.store.find(kind, object_id)
        if found is None:
            raise Http404
        lines = found["lines"]["data"] if kind == "invoice" else [found]
        waiting = _payments(found, "requires_action") if kind == "invoice" else []
        context: dict[str, Any] = {
            "document": found,
            "lines": [
                {"description": each["description"], "shown": written(each["amount"], each["currency"])}
                for each in lines
            ],
            "total": written(found["total" if kind == "invoice" else "amount"], found["currency"]),
            "authentication": reverse("stripe:authenticate", args=waiting) if waiting else "",
            "is_processing": kind == "invoice" and bool(_payments(found, "processing")),
            "site_url": environment.site_url(),
        }
        return render(request, "sandbox/stripe/document.html", context)


def _payments(invoice: Obj, status: str) -> list[str]:
    """The ids of an invoice's payments in a status."""
    payments = STRIPE.invoice_payments.of_invoice(invoice["id"])["data"]
    intents = [STRIPE.payment_intents.get(each["payment"]["payment_intent"]) for each in payments]
    return [intent["id"] for intent in intents if intent["status"] == status]
