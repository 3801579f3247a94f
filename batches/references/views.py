"""Pages and views of reference photos: upload, display and deletion."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.requests import SignedInRequest, large_form, signed_in_post_required
from batches.access import find_batch, find_reference, signed_in_or_401
from batches.models import Reference
from batches.references import attaching, uploads
from batches.references.fields import FILES, STORAGE_AWAY, ReferencesField
from batches.references.for_the_rest import Change, change_of, use_image
from batches.references.photos import MAX_BYTES, PhotoRefused
from billing.refusals import Refusal

#: With room for the form around the photo.
_FORM_BYTES = MAX_BYTES + 100_000
#: Smaller photos have few details of a face.
_SMALL_PIXELS = 512


def upload_bytes(user: User) -> int:
    return _FORM_BYTES


@large_form("photo", upload_bytes, per_minute=60)
@require_POST
@signed_in_or_401
def upload(request: SignedInRequest) -> JsonResponse:
    """Store the photo in the field `photo`. If it can't be used, the answer has a `message` for the customer."""
    file = request.FILES.get("photo")
    if not isinstance(file, UploadedFile):
        return JsonResponse({"error": "empty", "message": _("The file is empty.")}, status=422)
    try:
        reference = uploads.store(request.user, file)
    except (PhotoRefused, uploads.TooManyReferences) as refused:
        return JsonResponse({"error": refused.code, "message": refused.sentence}, status=422)
    except OSError:
        return JsonResponse({"error": "storage", "message": str(STORAGE_AWAY)}, status=503)
    is_small = max(reference.width, reference.height) < _SMALL_PIXELS
    advice = _("This photo is small. A larger one gives better images.") if is_small else ""
    url = reverse("batches:reference", args=[reference.pk])
    return JsonResponse({"id": reference.pk, "url": url, "advice": advice}, status=201)


@signed_in_or_401
@require_GET
def photo(request: SignedInRequest, reference_id: uuid.UUID) -> HttpResponseBase:
    reference = find_reference(request.user, reference_id)
    try:
        file = reference.file.open()
    except FileNotFoundError as missing:
        raise Http404 from missing
    # The photo must be gone once it is deleted, so no cache may have it.
    return FileResponse(file, headers={"Content-Type": "image/jpeg", "Cache-Control": "no-store"})


@signed_in_or_401
@require_POST
def delete_unused(request: SignedInRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Delete a photo that was removed from a form, unless an open batch uses it."""
    reference = find_reference(request.user, reference_id)
    Reference.objects.filter(pk=reference.pk).unused().discard()
    return HttpResponse(status=204)


@large_form("photos", upload_bytes, per_minute=30)
@signed_in_post_required
def add_again(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Replace deleted photos, so that images can be retried or created again."""
    batch = find_batch(request.user, batch_id)
    field = ReferencesField()
    field.user = request.user
    try:
        attaching.fill(batch, field.clean(request.FILES.getlist(FILES)))
        messages.info(request, _("Photos added. You can retry and create again now."))
    except (ValidationError, attaching.OtherCount) as error:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else error.sentence)
    return redirect(f"{batch.get_absolute_url()}#photos")


@signed_in_post_required
def delete_of_batch(request: SignedInRequest, batch_id: uuid.UUID, number: int) -> HttpResponse:
    """Delete a photo of a batch at once, also from other batches."""
    batch = find_batch(request.user, batch_id)
    Reference.objects.filter(links__batch=batch, links__photo_number=number).discard()
    return redirect(f"{batch.get_absolute_url()}#photos")


@large_form("rest", upload_bytes, per_minute=30)
@require_http_methods(["GET", "POST"])
@signed_in_or_401
def for_the_rest(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Return as JSON what it would cost to create the waiting images from one more photo; a POST does it."""
    batch = find_batch(request.user, batch_id)
    if request.method == "GET":
        return JsonResponse(_offer(change_of(batch)))
    file, limit = request.FILES.get("photo"), request.POST.get("credits", "")
    if not isinstance(file, UploadedFile) or not limit.isdecimal():
        return JsonResponse({"error": "bad_form"}, status=400)
    try:
        terms = {"credits": int(limit[:9]), "has_style": "style" in request.POST}
        change = use_image(batch, file, request.user, **terms)
    except (PhotoRefused, Refusal) as refused:
        messages.error(request, refused.sentence)
        return redirect(batch)
    except OSError:
        messages.error(request, STORAGE_AWAY)
        return redirect(batch)
    if change is None:
        messages.error(request, _("The batch has changed in the meantime, so nothing was done. Try again."))
    else:
        messages.success(request, _created_from(change.image_count))
    return redirect(batch)


def _created_from(count: int) -> str:
    text = ngettext("%(count)s image is created from it too.", "%(count)s images are created from it too.", count)
    return text % {"count": count}


def _offer(change: Change) -> dict[str, Any]:
    count = change.image_count
    images = ngettext("%(count)s image is waiting.", "%(count)s images are waiting.", count) % {"count": count}
    cost = ngettext("It costs %(count)s more credit.", "It costs %(count)s more credits.", change.credits)
    text = f"{images} {cost % {'count': change.credits}}"
    return {"images": count, "credits": change.credits, "text": text, "style": change.style}
