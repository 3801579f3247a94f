from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing import plans
from imagesinbulk.api import reference
from imagesinbulk.middleware.api import MAX_BODY_BYTES, MAX_LIST_BYTES


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    context = {
        "base_url": f"{settings.SITE_URL}/api/v1",
        "groups": reference.groups(),
        "messages_out": reference.messages(),
        "common_faults": reference.common_faults(),
        "example_problem": reference.example_problem(),
        "faults": reference.all_faults(),
        "plans": (*plans.PLANS, plans.PAY_AS_YOU_GO),
        "max_list_bytes": MAX_LIST_BYTES,
        "max_body_bytes": MAX_BODY_BYTES,
    }
    return render(request, "api/docs.html", context)
