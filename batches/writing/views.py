"""Suggestions for the form of a new batch and for a prompt that was refused. Nothing is changed without a click."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest, large_form, limited_per_user, signed_in_post_required
from batches.access import find_batch, find_prompt
from batches.choices import PromptStatus
from batches.forms import BatchForm, PromptForm
from batches.lists import parsing
from batches.views.pages import form_page, list_bytes, priced
from batches.writing import suggestions
from batches.writing.diff import diff
from batches.writing.forms import ListForm, appended, check_length, rows_of
from batches.writing.suggestions import WritingFailed

PER_MINUTE = 30


@signed_in_post_required
@limited_per_user("writing", PER_MINUTE)
def improve(request: SignedInRequest) -> HttpResponse:
    """Return a fragment with a suggestion for each of up to ten rows, for the form's script."""
    try:
        prompts = rows_of(request.POST.getlist("row"), request.POST.getlist("prompt"))
        better = suggestions.improve(request.user, prompts)
    except ValidationError as error:
        return render(request, "batches/writing/_failed.html", {"error": error.message}, status=422)
    rows = [
        {"row": row, "text": better.get(row, ""), "pieces": diff(prompt, better[row]) if row in better else []}
        for row, prompt in prompts.items()
    ]
    return render(request, "batches/writing/_suggestions.html", {"rows": rows})


@large_form("write-list", list_bytes, per_minute=PER_MINUTE)
@login_required
@require_http_methods(["GET", "POST"])
def write_list(request: SignedInRequest) -> HttpResponse:
    """Write prompts about a subject and show the form again with them at the end of its list.

    A GET, for example after signing in, redirects to the form.
    """
    if request.method == "GET":
        return redirect("batches:new")
    list_form, data, status = ListForm(request.POST), request.POST, 422
    if list_form.is_valid():
        asked = list_form.cleaned_data
        try:
            written = suggestions.write_list(request.user, asked["subject"], asked["prompt_count"])
            data, status = appended(request.POST, written), 200
        except WritingFailed as error:
            list_form.add_error(None, error)
    form = BatchForm(data, request.FILES, user=request.user)
    price = priced(form.bill(request.user)) if form.is_valid() else {}
    if not data.get("prompts"):
        form = BatchForm(initial={**request.POST.dict(), "references": form.photos})
    return form_page(request, form, status, list_form=list_form, **price)


@signed_in_post_required
@limited_per_user("writing", PER_MINUTE)
def reword(request: SignedInRequest, batch_id: uuid.UUID, position: int) -> HttpResponse:
    """Show the page of a failed prompt with a suggested wording, or with that wording put into the field."""
    batch = find_batch(request.user, batch_id)
    prompt = find_prompt(batch, position)
    if not (batch.may_retry and prompt.status == PromptStatus.FAILED):
        return redirect(batch)
    context: dict[str, Any] = {"batch": batch, "prompt": prompt}
    if "use" in request.POST:
        form = PromptForm({"text": request.POST.get("suggestion", "")}, prompt)
        return render(request, "batches/edit_prompt.html", {**context, "form": form, "is_replaced": True})
    form = PromptForm(request.POST, prompt)
    if "keep" not in request.POST:
        context |= _suggestion(request, form.data.get("text", ""), prompt.error_code)
    return render(request, "batches/edit_prompt.html", {**context, "form": form})


def _suggestion(request: SignedInRequest, text: str, problem: str) -> dict[str, Any]:
    text = parsing.on_one_line(text)
    try:
        check_length(text)
        suggestion = suggestions.reword(request.user, text, problem) if text else ""
    except ValidationError as error:
        return {"writing_error": error.message}
    if not suggestion:
        return {"writing_error": _("There’s no suggestion for this prompt. The idea itself may not be allowed.")}
    return {"suggestion": suggestion, "pieces": diff(text, suggestion)}
