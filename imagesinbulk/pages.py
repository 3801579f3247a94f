from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from batches.choices import Quality
from batches.models import Batch, ImageModel
from billing import plans, quotas
from billing.entitlements import current_membership, unpaid_membership

_RECENT = 6
_ON_SALE = {"free": plans.FREE, "plans": plans.PLANS, "packs": plans.PACKS}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        return render(request, "home.html", _ON_SALE)
    recent = Batch.objects.owned_by(request.user)[:_RECENT]
    left = {"allowance": quotas.allowance(request.user), "unpaid": unpaid_membership(request.user)}
    return render(request, "home.html", {"recent_batches": recent, **left})


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    membership = current_membership(request.user) if isinstance(request.user, User) else None
    prices = {"qualities": Quality.labels, "image_prices": [_prices_of(each) for each in ImageModel.objects.on_offer()]}
    return render(request, "pricing.html", {**_ON_SALE, **prices, "membership": membership})


def _prices_of(model: ImageModel) -> tuple[ImageModel, list[tuple[str, int | None]]]:
    prices = {row.quality: row.credits for row in model.qualities.all()}
    return model, [(str(quality.label), prices.get(quality.value)) for quality in Quality]
