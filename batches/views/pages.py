import uuid
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.requests import SignedInRequest, large_form
from batches.access import find_batch, find_prompt
from batches.choices import PromptStatus
from batches.forms import BatchForm, PromptForm
from batches.lists import styles
from batches.lists.file_names import zip_name
from batches.models import Batch
from batches.orders.bill import Bill
from batches.progress.headlines import duration_in_words, split_sentence
from batches.progress.progress import Progress
from batches.references import attaching
from batches.references.photos import MAX_BYTES
from batches.references.uploads import MAX_UNUSED
from billing.entitlements import plan_of

_PAGE_SIZE = 24
#: The bytes of a prompt of 32,000 characters, mostly ASCII, and its name. The minimum lets the form show an error for
#: most lists that are too long for the plan. Photos come with the form if the browser has no JavaScript.
_PROMPT_BYTES, _LEAST_LIST_BYTES = 40_000, 2_000_000


@login_required
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    batches = Batch.objects.owned_by(request.user).select_related("image_model")
    page = Paginator(batches, _PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "batches/list.html", {"page": page})


def list_bytes(user: User) -> int:
    return max(_LEAST_LIST_BYTES + MAX_BYTES, plan_of(user).prompts_per_batch * _PROMPT_BYTES)


@large_form("new-batch", list_bytes, per_minute=120)
@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Show the form, or start its batch. If only the first prompts are made, the rest is shown in a new form."""
    form = BatchForm(request.POST or None, request.FILES or None, user=request.user)
    price: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        batch = form.submit(request.user)
        if batch is not None:
            rest = form.rest()
            return form_page(request, rest, rest_of=batch) if rest else redirect(batch)
        price = priced(form.bill(request.user))
    elif form.is_bound:
        price = {"first_count": form.first_of_many(request.user)}
    return form_page(request, form, status=422 if form.is_bound else 200, **price)


@large_form("bill", list_bytes, per_minute=240)
@login_required
@require_http_methods(["GET", "POST"])
def bill(request: SignedInRequest) -> HttpResponse:
    """Show what the list would cost and the final file names; store nothing.

    With `?fragment=1`, return only the bill, for the form's script. A GET, for example after signing in, redirects to
    the form.
    """
    if request.method == "GET":
        return redirect("batches:new")
    form = BatchForm(request.POST, request.FILES, user=request.user)
    is_valid = form.is_valid()
    price = priced(form.bill(request.user)) if is_valid else {"first_count": form.first_of_many(request.user)}
    status = 200 if is_valid else 422
    if request.GET.get("fragment"):
        return render(request, "batches/orders/_bill.html", {"form": form, **price}, status=status)
    return form_page(request, form, status, **price)


def priced(bill: Bill) -> dict[str, Any]:
    split = split_sentence(bill.split, timezone.now()) if bill.split else ""
    times = {"duration": duration_in_words(bill.seconds), "split": split}
    return {"bill": bill, "first_count": bill.first_count, **times}


def form_page(request: SignedInRequest, form: BatchForm, status: int = 200, **context: Any) -> HttpResponse:
    limit = plan_of(request.user).prompts_per_batch
    chips = {"looks": styles.LOOKS, "colours": styles.COLOURS}
    context = {
        "form": form,
        "prompts_limit": limit,
        "references_limit": attaching.MAX_REFERENCES,
        "photos_limit": MAX_UNUSED,
        "style_chips": chips,
        **context,
    }
    return render(request, "batches/new.html", context, status=status)


@login_required
@require_GET
# Videos play from this browser's own files, or from the server.
@csp_update({"media-src": [SELF, "blob:"]})  # type: ignore[arg-type]  # its types know no views with parameters
def detail(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    photos = attaching.photos_of(batch)
    context = {
        "batch": batch,
        "progress": Progress(batch, since=0),
        "zip_name": zip_name(batch.title),
        "photos": photos,
        "has_deleted_photos": any(photo.reference_id is None for photo in photos),
    }
    return render(request, "batches/detail.html", context)


@login_required
@require_GET
def ask_delete(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    return render(request, "batches/ask_delete.html", {"batch": find_batch(request.user, batch_id)})


@login_required
@require_http_methods(["GET", "POST"])
def edit_prompt(request: SignedInRequest, batch_id: uuid.UUID, position: int) -> HttpResponse:
    """Edit a failed prompt, if it can be retried; a valid POST queues it again."""
    batch = find_batch(request.user, batch_id)
    prompt = find_prompt(batch, position)
    if request.method == "GET" and not (batch.may_retry and prompt.status == PromptStatus.FAILED):
        return redirect(batch)
    if prompt.error_code == "base_gone":
        return redirect(prompt.edit)
    form = PromptForm(request.POST or None, prompt)
    if request.method == "POST" and form.is_valid() and form.retry(batch, request.user):
        messages.success(request, _("We’re retrying the prompt."))
        return redirect(batch)
    status = 422 if form.is_bound else 200
    return render(request, "batches/edit_prompt.html", {"batch": batch, "prompt": prompt, "form": form}, status=status)
