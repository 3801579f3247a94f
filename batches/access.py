"""Look up objects that belong to a user; raise `Http404` for others."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from batches.models import Batch, Preset, Prompt, Reference, WebhookDelivery, WebhookEndpoint
from lib import log_context


def find_batch(user: User, batch_id: uuid.UUID, *fields: str) -> Batch:
    """Return the user's batch, if it isn't deleted. With `fields`, read only those."""
    log_context.add(batch=str(batch_id))
    batch = get_object_or_404(Batch.objects.owned_by(user).only(*fields), pk=batch_id)
    # Otherwise each poll would query the customer once more, for the limits of the plan.
    batch.user = user
    return batch


def find_prompt(batch: Batch, position: int) -> Prompt:
    """Return a prompt of a batch. The caller has checked that the batch belongs to the user."""
    return get_object_or_404(batch.prompts, position=position)


def find_preset(user: User, preset_id: int) -> Preset:
    return get_object_or_404(Preset.objects.offered_to(user).select_related("image_model"), pk=preset_id)


def find_reference(user: User, reference_id: uuid.UUID) -> Reference:
    return get_object_or_404(Reference.objects.owned_by(user), pk=reference_id)


def find_endpoint(user: User, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint.objects.owned_by(user), pk=endpoint_id)


def find_delivery(user: User, message_id: str) -> WebhookDelivery:
    mine = WebhookDelivery.objects.owned_by(user).select_related("endpoint")
    return get_object_or_404(mine, message_id=message_id)


def find_key(user: User, public_id: str) -> ApiKey:
    return get_object_or_404(ApiKey.objects.of(user), public_id=public_id)


def signed_in_or_401(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return 401 as JSON instead of redirecting to the sign-in page, for views that scripts call."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return JsonResponse({"error": "signed_out", "message": _("Sign in again.")}, status=401)
        return view(request, *args, **kwargs)

    return wrapped
