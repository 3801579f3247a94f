"""Views that review images: verdicts from the page's script, and further versions."""

import json
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest, signed_in_post_required
from batches.access import find_batch, find_prompt, signed_in_or_401
from batches.choices import Verdict
from batches.review import verdicts, versions
from batches.review.forms import VersionForm
from billing.refusals import Refusal


@signed_in_or_401
@require_POST
def record(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Store the verdicts of the body: `{"3": "keep", "4": "reject"}`."""
    batch = find_batch(request.user, batch_id)
    try:
        given = {int(position): Verdict(verdict) for position, verdict in json.loads(request.body).items()}
    except (ValueError, AttributeError, RecursionError):
        return JsonResponse({"error": "bad_verdicts"}, status=400)
    verdicts.record(batch, given)
    return HttpResponse(status=204)


@login_required
@require_http_methods(["GET", "POST"])
def again(request: SignedInRequest, batch_id: uuid.UUID, position: int) -> HttpResponse:
    """Edit the prompt and the quality of an image's next version; a valid POST queues it.

    An edit is made again from the image that it changes.
    """
    batch = find_batch(request.user, batch_id)
    prompt = find_prompt(batch, position)
    if prompt.is_edit:
        return redirect(prompt.edit)
    if request.method == "GET" and not prompt.is_made:
        return redirect(batch)
    form = VersionForm(request.POST or None, prompt)
    if request.method == "POST" and form.is_valid() and form.submit(batch, request.user):
        messages.success(request, _("We’re creating another version."))
        return redirect(batch)
    status = 422 if form.is_bound else 200
    return render(request, "batches/make_again.html", {"batch": batch, "prompt": prompt, "form": form}, status=status)


@signed_in_post_required
def again_rejected(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Queue another version of each rejected image that has no newer version."""
    batch = find_batch(request.user, batch_id)
    try:
        count = len(versions.make_rejected_again(batch, request.user))
    except Refusal as refusal:
        messages.error(request, render_to_string("billing/_refusal.html", {"refusal": refusal}))
        return redirect(batch)
    # None if the button was pressed twice.
    if count:
        messages.success(request, _("We’re creating %(images)s again.") % {"images": batch.kind.counted(count)})
    return redirect(batch)
