"""Pages to list, create, rename and revoke API keys.

They aren't in `accounts` because they depend on plans and on the credits that batches have used.
"""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import ApiKey, AuditEntry, User
from accounts.reauthentication import may_act_as_operator
from accounts.requests import SignedInRequest, signed_in_post_required
from batches.access import find_key
from batches.keys import limits
from batches.keys.forms import KeyForm, KeyNameForm
from billing.entitlements import has_api, plan_of

_PAGE_SIZE = 20
#: How many expired and revoked keys are listed, newest first.
_MOST_ENDED = 50


@login_required
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    now, mine = timezone.now(), ApiKey.objects.of(request.user)
    usable = list(mine.usable(now))
    used = limits.credits_of_keys(key for key in usable if key.monthly_credit_limit is not None)
    trail = AuditEntry.objects.of(request.user).about_keys()
    context = {
        "usable": [(key, used.get(key.pk, 0)) for key in usable],
        "ended": (mine.revoked() | mine.expired(now))[:_MOST_ENDED],
        "may_make": _may_make(request.user),
        "page": Paginator(trail, _PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "batches/keys/list.html", context)


@login_required
@reauthentication_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    if not _may_make(request.user):
        return redirect("keys:list")
    # Only operators can take payments, after the same authentication as for the admin.
    form = KeyForm(request.user, request.POST or None, may_take_payments=may_act_as_operator(request))
    if request.method == "POST" and form.is_valid() and (made := form.create()):
        key, text = made
        return render(request, "batches/keys/made.html", {"key": key, "text": text})
    return render(request, "batches/keys/new.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def rename(request: SignedInRequest, public_id: str) -> HttpResponse:
    key = find_key(request.user, public_id)
    form = KeyNameForm(request.POST or None, initial={"name": key.name})
    if request.method == "POST" and form.is_valid():
        if key.rename(form.cleaned_data["name"], request.user):
            messages.success(request, _("Key renamed to “%(name)s”.") % {"name": key.name})
        return redirect("keys:list")
    return render(request, "batches/keys/rename.html", {"form": form, "key": key}, status=422 if form.is_bound else 200)


@signed_in_post_required
def revoke(request: SignedInRequest, public_id: str) -> HttpResponse:
    key = find_key(request.user, public_id)
    if key.revoke(request.user):
        messages.success(request, _("Key “%(name)s” revoked.") % {"name": key.name})
    return redirect("keys:list")


def _may_make(user: User) -> bool:
    # Operators' keys take payments, which doesn't depend on a plan.
    return user.is_staff or has_api(user, plan_of(user))
