from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts import emails
from accounts.models import ApiKey, AuditAction, AuditEntry
from accounts.requests import SignedInRequest, limited_per_user, signed_in_post_required
from batches.choices import OPEN_BATCH
from batches.delivery.retention import moment
from batches.models import Batch
from billing.credits import ledger
from billing.entitlements import current_membership
from billing.payments import delayed
from privacy import deletion
from privacy.export.archive import chunks
from privacy.forms import DeletionForm
from rest.downloads import Download, TooManyDownloads, refusal


@login_required
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    until = moment(request.user.delete_at) if request.user.delete_at else ""
    return render(request, "privacy/index.html", {"until": until, "prompt_days": settings.PROMPT_RETENTION_DAYS})


@login_required
@reauthentication_required
@require_GET
@limited_per_user("export", 2)
def export(request: SignedInRequest) -> HttpResponseBase:
    """Send everything that we store about the user as a ZIP."""
    headers = {"Content-Disposition": 'attachment; filename="images-in-bulk.zip"'}
    try:
        download = Download(request.user.pk, chunks(request.user), headers)
    except TooManyDownloads:
        return refusal(request)
    AuditEntry.objects.record(AuditAction.DATA_EXPORTED, request.user, actor=request.user)
    emails.send(request.user, "privacy/email/data_downloaded")
    return download


@login_required
@reauthentication_required
@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if user.is_staff or user.delete_at:
        # An operator's permissions are first taken away by another one.
        return redirect("privacy:index")
    form = DeletionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        until = moment(deletion.request(user, user))
        logout(request)
        text = _("Your account will be deleted on %(time)s. Until then, sign in to undo it.") % {"time": until}
        messages.info(request, text)
        return redirect("account_login")
    context = {
        "form": form,
        "days": settings.ACCOUNT_DELETION_DAYS,
        "account": ledger.account_of(user),
        "membership": current_membership(user),
        "under_way": delayed.under_way(user),
        "runs_count": Batch.objects.owned_by(user).filter(status__in=OPEN_BATCH).count(),
        "keys_count": ApiKey.objects.of(user).filter(revoked_at=None).count(),
    }
    return render(request, "privacy/delete.html", context, status=422 if form.is_bound else 200)


@signed_in_post_required
def keep(request: SignedInRequest) -> HttpResponse:
    if deletion.undo(request.user, request.user):
        messages.success(request, _("Your account won’t be deleted."))
    return redirect("privacy:index")
