"""Actions on batches: one POST-only view each."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.requests import SignedInRequest, signed_in_post_required
from batches import lifecycle
from batches.access import find_batch
from batches.progress.headlines import rewording_sentence
from billing.refusals import Refusal


@signed_in_post_required
def pause(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    lifecycle.pause(batch, request.user)
    return redirect(batch)


@signed_in_post_required
def resume(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    lifecycle.resume(batch, request.user)
    return redirect(batch)


@signed_in_post_required
def cancel(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    lifecycle.cancel(batch, request.user)
    return redirect(batch)


@signed_in_post_required
def retry(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    try:
        count = lifecycle.retry(batch, request.user)
    except Refusal as refusal:
        messages.error(request, render_to_string("billing/_refusal.html", {"refusal": refusal}))
        return redirect(batch)
    sentences = []
    if count:
        text = ngettext("We’re retrying %(count)s prompt.", "We’re retrying %(count)s prompts.", count)
        sentences.append(text % {"count": count})
    if rewording := batch.prompts.failed().count():
        sentences.append(rewording_sentence(rewording))
    if sentences:
        messages.success(request, " ".join(sentences))
    return redirect(batch)


@signed_in_post_required
def delete(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    lifecycle.delete(batch, request.user)
    messages.success(request, _("Batch deleted."))
    return redirect("batches:list")
