"""Reading batches over REST."""

from typing import Annotated

from django.core.paginator import EmptyPage, Paginator
from django.http import JsonResponse
from ninja import Query

from accounts.problems import Problem
from batches.access import find_batch
from batches.api import schemas
from batches.api.answers import Json, summary, with_images
from batches.api.parameters import BatchId
from batches.api.router import MAY_READ, router
from batches.api.statuses import answers
from batches.choices import BatchStatus
from batches.models import Batch
from billing.program_key import ProgramRequest

_OF_A_BATCH = (
    "title",
    "status",
    "total",
    "ready_count",
    "failed_count",
    "cancelled_count",
    "created_at",
    "finished_at",
)
PageNumber = Annotated[int, Query(1, ge=1, description="From 1.")]
PageSize = Annotated[int, Query(24, ge=1, le=100, description="Batches a page.")]
Status = Annotated[BatchStatus | None, Query(None, description="Only the batches that are in this state.")]


@router.get(
    "/batches",
    auth=MAY_READ,
    tags=["batches"],
    summary="List batches",
    operation_id="list_batches",
    **answers("not_found", "invalid", ok=schemas.Page),
)
def batches(request: ProgramRequest, page: PageNumber = 1, page_size: PageSize = 24, status: Status = None) -> Json:
    """Return the batches of the key's owner, newest first; also those that were started on the site."""
    mine = Batch.objects.owned_by(request.auth.user).only(*_OF_A_BATCH)
    if status:
        mine = mine.filter(status=status)
    pages = Paginator(mine, page_size)
    try:
        found = pages.page(page)
    except EmptyPage as empty:
        raise Problem("not_found", f"There is no page {page}; the last one is {pages.num_pages}.") from empty
    items = [summary(batch) for batch in found]
    return {"items": items, "count": pages.count, "page": page, "pages": pages.num_pages}


@router.get(
    "/batches/{uuid:batch_id}",
    auth=MAY_READ,
    tags=["batches"],
    summary="See a batch",
    operation_id="get_batch",
    url_name="batch",
    **answers("not_found", ok=schemas.Batch),
)
def batch(request: ProgramRequest, batch_id: BatchId) -> JsonResponse:
    """Return how far a batch is, and each of its images."""
    # Made here: ninja would look into every field again, which takes as long as all the rest. A test does that.
    return JsonResponse(with_images(request, find_batch(request.auth.user, batch_id, *_OF_A_BATCH)))
