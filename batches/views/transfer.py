"""Views for the script of the batch page: progress, images, confirmations, the manifest and the server's ZIP."""

import uuid

from django.contrib.auth.decorators import login_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from batches.access import find_batch, find_prompt, signed_in_or_401
from batches.delivery import retention, storage
from batches.delivery.archive import NothingLeft, NothingReady, archive
from batches.delivery.confirmations import BadConfirmation, parse_confirmation
from batches.delivery.manifest import customers_delimiter, manifest_rows, rows_to_csv
from batches.delivery.sending import send_image
from batches.progress.progress import Progress, parse_revision
from billing.credits.ledger import account_of
from lib.byte_ranges import NotSatisfiable
from rest import downloads


@signed_in_or_401
@require_GET
def progress(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    progress = Progress(find_batch(request.user, batch_id), parse_revision(request.GET.get("since", "")))
    # Updates the page's header: failed and cancelled prompts release their credits.
    credits_left = {"credits_left": intcomma(account_of(request.user).left)} if progress.has_news else {}
    return JsonResponse(progress.as_dict() | credits_left)


@signed_in_or_401
@require_GET
def image(request: SignedInRequest, batch_id: uuid.UUID, position: int) -> HttpResponseBase:
    """Send an image, or 410 if it's no longer on the server. `?download=1` sends it as an attachment."""
    prompt = find_prompt(find_batch(request.user, batch_id), position)
    try:
        answer = send_image(prompt, request.headers, as_attachment="download" in request.GET)
    except NotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{prompt.byte_count}"})
    if answer is None:
        return _gone(_("This file is no longer on the server."))
    return answer


@signed_in_or_401
@require_POST
def confirm(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    try:
        hashes = parse_confirmation(request.body)
    except BadConfirmation as error:
        return JsonResponse({"error": "bad_confirmation", "message": str(error)}, status=400)
    confirmed = storage.confirm(batch, hashes)
    return JsonResponse({"confirmed": confirmed, "retention": retention.sentence(batch)})


@signed_in_or_401
@require_GET
def manifest(request: SignedInRequest, batch_id: uuid.UUID) -> StreamingHttpResponse:
    batch = find_batch(request.user, batch_id)
    return StreamingHttpResponse(
        rows_to_csv(manifest_rows(batch.prompts.all()), customers_delimiter()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="manifest.csv"'},
    )


@login_required
@require_GET
def archived(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponseBase:
    """Send the images that are on the server as a ZIP, for browsers that can't store any, or 410 if there are none."""
    try:
        return archive(find_batch(request.user, batch_id), customers_delimiter()).as_response(request.user)
    except downloads.TooManyDownloads:
        return downloads.refusal(request)
    except (NothingReady, NothingLeft):
        return _gone(_("The server has no files of this batch."))


def _gone(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=410, content_type="text/plain; charset=utf-8")
