import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.requests import SignedInRequest, large_form
from batches.access import find_batch, find_prompt
from batches.choices import BatchStatus, PromptStatus
from batches.editing.forms import EditForm
from batches.editing.inputs import MAX_MASK_BYTES
from batches.models import Prompt
from batches.references.photos import MAX_BYTES


def form_bytes(_user: User) -> int:
    return MAX_BYTES + MAX_MASK_BYTES + 100_000


@large_form("edit-image", form_bytes, per_minute=300)
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, batch_id: uuid.UUID, position: int) -> HttpResponse:
    """Edit an image by an instruction; a valid POST queues the version.

    With `?like=7`, the form has the instruction of the edit at that position.
    """
    batch = find_batch(request.user, batch_id)
    prompt = find_prompt(batch, position)
    if request.method == "GET" and (not prompt.may_edit or batch.status == BatchStatus.CANCELLED):
        return redirect(batch)
    form = EditForm(request.POST or None, request.FILES, prompt, _text_like(prompt, request.GET.get("like", "")))
    if request.method == "POST" and form.is_valid() and form.submit(request.user):
        messages.success(request, _("We’re editing the image."))
        # The page's script goes to the batch itself.
        return redirect(batch) if request.accepts("text/html") else HttpResponse(status=204)
    context: dict[str, Any] = {"batch": batch, "prompt": prompt, "form": form}
    context["on_server"] = prompt.status == PromptStatus.READY
    return render(request, "batches/edit_image.html", context, status=422 if form.is_bound else 200)


def _text_like(source: Prompt, position: str) -> str:
    # A longer number would be an error of the database.
    if not position.isdecimal() or len(position) > 6:
        return ""
    edit = source.edits.filter(prompt__position=position).select_related("prompt").first()
    return edit.prompt.text if edit else ""
