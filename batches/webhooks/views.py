import json
import uuid

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import SignedInRequest
from batches.access import find_delivery, find_endpoint
from batches.models import WebhookAccount, WebhookDelivery, WebhookEndpoint
from batches.models.webhook import EVENT_FIELDS
from batches.webhooks.forms import WebhookForm
from batches.webhooks.messages import webhook_sentence

_PAGE_SIZE = 20


@login_required
@require_http_methods(["GET", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    form = WebhookForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        events = {name: form.cleaned_data[name] for name in EVENT_FIELDS.values()}
        # If the form is sent twice at the same time, both find the same endpoint.
        endpoint, _created = WebhookEndpoint.objects.get_or_create(
            user=request.user, url=form.cleaned_data["url"], defaults=events
        )
        messages.success(request, _("Endpoint added. Send a test event and verify its signature."))
        return redirect("webhooks:endpoint", endpoint.pk)
    context = {
        "form": form,
        "endpoints": WebhookEndpoint.objects.owned_by(request.user),
        "page": _page(request, WebhookDelivery.objects.owned_by(request.user)),
    }
    return render(request, "batches/webhooks/list.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def endpoint(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    found = find_endpoint(request.user, endpoint_id)
    form = WebhookForm(request.user, request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        # Only these: a worker may have disabled it since it was read, or another tab changed its secret.
        found.save(update_fields=form.Meta.fields)
        messages.success(request, _("Changes saved."))
        return redirect("webhooks:endpoint", found.pk)
    context = {"form": form, "endpoint": found, "page": _page(request, found.deliveries.all())}
    return render(request, "batches/webhooks/endpoint.html", context, status=422 if form.is_bound else 200)


@login_required
@reauthentication_required
@require_GET
def secret(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    found = find_endpoint(request.user, endpoint_id)
    return render(request, "batches/webhooks/secret.html", {"endpoint": found, "signing": found})


@login_required
@reauthentication_required
@require_GET
def account_secret(request: SignedInRequest) -> HttpResponse:
    account, _created = WebhookAccount.objects.get_or_create(user=request.user)
    return render(request, "batches/webhooks/secret.html", {"signing": account})


@login_required
@require_GET
def delivery(request: SignedInRequest, message_id: str) -> HttpResponse:
    found = find_delivery(request.user, message_id)
    context = {
        "delivery": found,
        "body": json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
        "error": webhook_sentence(found.error) if found.error else "",
    }
    return render(request, "batches/webhooks/delivery.html", context)


def _page(request: SignedInRequest, deliveries: QuerySet[WebhookDelivery]) -> Page[WebhookDelivery]:
    return Paginator(deliveries, _PAGE_SIZE).get_page(request.GET.get("page"))
