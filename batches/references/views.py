"""The picture of a reference photo, for its owner."""

import uuid

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from batches.access import find_reference, signed_in_or_401


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
