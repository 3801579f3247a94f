"""Reference photos on pages: the upload of one by the form's script, its picture for its owner, and its end."""

import uuid

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.requests import SignedInRequest, large_form
from batches.access import find_reference, signed_in_or_401
from batches.models import Reference
from batches.references import uploads
from batches.references.fields import STORAGE_AWAY
from batches.references.photos import MAX_BYTES, PhotoRefused

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
    """Delete a photo that was taken out of a form, unless an open batch has it too."""
    reference = find_reference(request.user, reference_id)
    Reference.objects.filter(pk=reference.pk).unused().discard()
    return HttpResponse(status=204)
