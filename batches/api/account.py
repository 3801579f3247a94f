from dataclasses import asdict
from typing import Annotated

from ninja import Query

from batches.access import find_key
from batches.api import schemas
from batches.api.representations import Json
from batches.api.router import MAY_READ, MAY_READ_USAGE, router
from batches.choices import Ratio
from batches.models import ImageModel
from batches.usage.totals import DEFAULT_DAYS, MAX_DAYS
from batches.usage.totals import usage as usage_of
from billing import quotas
from billing.credits import ledger
from billing.program_key import ProgramRequest
from rest.responses import answers

Days = Annotated[int, Query(DEFAULT_DAYS, ge=1, le=MAX_DAYS, description="Number of days, including today.")]
KeyId = Annotated[
    str, Query("", description="Return only the usage of this key. The id is the part between `iib_` and `_`.")
]


@router.get(
    "/models",
    auth=MAY_READ,
    tags=["account"],
    summary="List models",
    operation_id="list_models",
    **answers(ok=schemas.Models),
)
def models(request: ProgramRequest) -> Json:
    """Return the available models with their qualities and prices in credits. The first model is the default."""
    return {"models": [_model(model) for model in ImageModel.objects.on_offer()]}


@router.get(
    "/account",
    auth=MAY_READ,
    tags=["account"],
    summary="Retrieve your account",
    operation_id="get_account",
    **answers(ok=schemas.Account),
)
def account(request: ProgramRequest) -> Json:
    """Return your plan, your credits and your images in the last 24 hours."""
    user = request.auth.user
    allowance = quotas.allowance(user)
    return {
        "email": user.email,
        "plan": allowance.plan.key,
        "credits_left": max(0, ledger.account_of(user).left),
        "today": {"used": allowance.today_used, "limit": allowance.plan.images_per_day},
    }


@router.get(
    "/usage",
    auth=MAY_READ_USAGE,
    tags=["account"],
    summary="Retrieve usage",
    operation_id="get_usage",
    **answers("not_found", "invalid", ok=schemas.Usage),
)
def usage(request: ProgramRequest, days: Days = DEFAULT_DAYS, key: KeyId = "") -> Json:
    """Return the requests, images and credits per day (UTC), including today.

    Without `key`, you get the usage of the whole account, including the site.
    """
    used = usage_of(request.auth.user, days)
    if key:
        used = used.only(find_key(request.auth.user, key))
    per_day = [{"date": on, **asdict(amounts)} for on, amounts in used.days.items()]
    return {"days": per_day, "totals": asdict(used.totals)}


def _model(model: ImageModel) -> Json:
    return {
        "code": model.code,
        "label": model.label,
        "hint": model.hint,
        "makes": model.makes,
        "formats": model.formats,
        "ratios": model.ratios,
        "seconds": model.seconds,
        "qualities": [{"quality": row.quality, "credits": row.credits} for row in model.qualities.all()],
        "reference_credits": model.reference_credits,
        "sizes": {} if model.inputs else {ratio: model.size(ratio) for ratio in Ratio.values},
        "retires_on": model.retires_on,
    }
