from typing import Annotated

from django.core.paginator import EmptyPage, Paginator
from django.http import HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query

from batches.access import find_batch
from batches.api import schemas
from batches.api.parameters import BatchId, IfNoneMatch, headers
from batches.api.representations import Json, batch_pieces, summary
from batches.api.router import MAY_READ, router
from batches.choices import BatchStatus
from batches.delivery.sending import etag_matches
from batches.models import Batch
from billing.program_key import ProgramRequest
from rest.problems import Problem
from rest.responses import answers

_OF_A_BATCH = (
    "revision",
    "title",
    "status",
    "total",
    "ready_count",
    "failed_count",
    "cancelled_count",
    "created_at",
    "finished_at",
)
PageNumber = Annotated[int, Query(1, ge=1, description="The page number, from 1.")]
PageSize = Annotated[int, Query(24, ge=1, le=100, description="Batches per page.")]
_ETAG = headers({"ETag": "Changes whenever the batch changes."})
_ETAGS = {
    200: {"headers": _ETAG},
    304: {"description": "The batch hasn't changed: its ETag is in `If-None-Match`", "headers": _ETAG},
}
Status = Annotated[BatchStatus | None, Query(None, description="Return only batches with this status.")]


@router.get(
    "/batches",
    auth=MAY_READ,
    tags=["batches"],
    summary="List batches",
    operation_id="list_batches",
    **answers("not_found", "invalid", ok=schemas.Page),
)
def batches(request: ProgramRequest, page: PageNumber = 1, page_size: PageSize = 24, status: Status = None) -> Json:
    """Return all your batches, newest first, including those started on the site."""
    mine = Batch.objects.owned_by(request.auth.user).only(*_OF_A_BATCH)
    if status:
        mine = mine.filter(status=status)
    pages = Paginator(mine, page_size)
    try:
        found = pages.page(page)
    except EmptyPage as empty:
        raise Problem("not_found", f"There is no page {page}. The last page is {pages.num_pages}.") from empty
    items = [summary(batch) for batch in found]
    return {"items": items, "count": pages.count, "page": page, "pages": pages.num_pages}


@router.get(
    "/batches/{uuid:batch_id}",
    auth=MAY_READ,
    tags=["batches"],
    summary="Retrieve a batch",
    operation_id="get_batch",
    url_name="batch",
    **answers("not_found", ok=schemas.Batch, unchanged=None, responses=_ETAGS),
)
def batch(request: ProgramRequest, batch_id: BatchId, if_none_match: IfNoneMatch = "") -> HttpResponseBase:
    """Return the progress of a batch and each of its images.

    Send the ETag as `If-None-Match` when you poll: you get 304 if nothing has changed.
    """
    found = find_batch(request.auth.user, batch_id, *_OF_A_BATCH)
    etag = f'"{found.revision}"'
    # Weak, because a later release may format the same data differently.
    cache_headers = {"ETag": f"W/{etag}", "Cache-Control": "private, no-cache"}
    if etag_matches(if_none_match, etag):
        return HttpResponseNotModified(headers=cache_headers)
    return StreamingHttpResponse(batch_pieces(request, found), content_type="application/json", headers=cache_headers)
