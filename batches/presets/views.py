import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import SignedInRequest, large_form, signed_in_post_required
from batches.access import find_batch, find_preset
from batches.forms import BatchForm
from batches.models import Preset
from batches.presets import saving
from batches.presets.forms import TitleForm
from batches.views.pages import form_page, list_bytes, priced
from billing.refusals import Refusal


@login_required
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    presets = Preset.objects.offered_to(request.user).in_brief()
    own = [preset for preset in presets if preset.owner_id]
    shipped = [preset for preset in presets if not preset.owner_id]
    return render(request, "batches/presets/list.html", {"own": own, "shipped": shipped})


@login_required
@require_GET
def use(request: SignedInRequest, preset_id: int) -> HttpResponse:
    preset = find_preset(request.user, preset_id)
    return form_page(request, BatchForm(initial=preset.form_values()), preset=preset)


@large_form("preset", list_bytes, per_minute=30)
@login_required
@require_http_methods(["GET", "POST"])
def save(request: SignedInRequest) -> HttpResponse:
    """Save what the form of a new batch contains, and show the form again.

    A GET, for example after signing in, redirects to the form.
    """
    if request.method == "GET":
        return redirect("batches:new")
    form, title_form = BatchForm(request.POST, request.FILES, user=request.user), TitleForm(request.POST)
    price, status = {}, 422
    if form.is_valid():
        price = priced(form.bill(request.user))
        if title_form.is_valid():
            try:
                saving.save_order(request.user, title_form.cleaned_data["preset_title"], form.order)
                messages.success(request, _("Preset saved. You’ll find it under “Start from a preset”."))
                status = 200
            except Refusal as refusal:
                title_form.add_error(None, refusal.sentence)
    return form_page(request, form, status, title_form=title_form, **price)


@login_required
@require_http_methods(["GET", "POST"])
def save_batch(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = find_batch(request.user, batch_id)
    form = TitleForm(request.POST or None, initial={"preset_title": batch.title[:80]})
    if request.method == "POST" and form.is_valid():
        try:
            saving.save_batch(request.user, form.cleaned_data["preset_title"], batch)
            messages.success(request, _("Preset saved."))
            return redirect("batches:presets")
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    context = {"batch": batch, "form": form}
    return render(request, "batches/presets/save_batch.html", context, status=422 if form.is_bound else 200)


@signed_in_post_required
def delete(request: SignedInRequest, preset_id: int) -> HttpResponse:
    preset = get_object_or_404(Preset.objects.owned_by(request.user), pk=preset_id)
    preset.delete()
    messages.success(request, _("Preset deleted."))
    return redirect("batches:presets")
