"""Actions on webhooks: one POST-only view each."""

import uuid

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.requests import SignedInRequest, limited_per_user, signed_in_post_required
from batches.access import find_delivery, find_endpoint
from batches.choices import DisabledReason
from batches.models import WebhookAccount
from batches.webhooks import sender

# Each sends a request to a server of the customer's choice, which must not be flooded.
_limited = limited_per_user("webhooks", 20)


@signed_in_post_required
@_limited
def send_test(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    endpoint = find_endpoint(request.user, endpoint_id)
    sent = sender.send_test(endpoint)
    messages.success(request, _("Test event sent. Reload the page to see the response from your server."))
    return redirect("webhooks:delivery", sent.message_id)


@signed_in_post_required
@_limited
def send_again(request: SignedInRequest, message_id: str) -> HttpResponse:
    delivery = find_delivery(request.user, message_id)
    if delivery.send_again():
        messages.success(request, _("We’re sending the message again."))
    else:
        messages.error(request, _("This endpoint is off. Turn it on first."))
    return redirect("webhooks:delivery", delivery.message_id)


@signed_in_post_required
def switch_on(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    endpoint = find_endpoint(request.user, endpoint_id)
    endpoint.enable()
    return redirect("webhooks:endpoint", endpoint.pk)


@signed_in_post_required
def switch_off(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    endpoint = find_endpoint(request.user, endpoint_id)
    sender.disable(endpoint, DisabledReason.CUSTOMER)
    return redirect("webhooks:endpoint", endpoint.pk)


@signed_in_post_required
def remove(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    find_endpoint(request.user, endpoint_id).delete()
    messages.success(request, _("Endpoint deleted."))
    return redirect("webhooks:list")


@signed_in_post_required
@reauthentication_required
def rotate(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    endpoint = find_endpoint(request.user, endpoint_id)
    endpoint.rotate()
    return redirect("webhooks:secret", endpoint.pk)


@signed_in_post_required
@reauthentication_required
def rotate_account(request: SignedInRequest) -> HttpResponse:
    account, _created = WebhookAccount.objects.get_or_create(user=request.user)
    account.rotate()
    return redirect("webhooks:account_secret")
