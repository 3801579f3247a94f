"""The operators' dashboard. The admin site checks who is signed in."""

import csv

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from batches.delivery.manifest import guarded_cell
from operations.dashboard.forms import RangeForm
from operations.dashboard.report import Report, csv_rows


@permission_required("operations.view_dashboard", raise_exception=True)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    form = RangeForm(request.GET)
    report = Report(form.days) if form.days else None
    if report and request.GET.get("format") == "csv":
        return _csv(report)
    limit = settings.OPENAI_IMAGES_PER_MINUTE
    context = {"title": _("Dashboard"), "form": form, "report": report, "image_limit": limit}
    return render(request, "admin/dashboard.html", {**admin.site.each_context(request), **context})


def _csv(report: Report) -> HttpResponse:
    name = f"figures-{report.days[0]}-{report.days[-1]}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    # Names of models and error codes come from elsewhere.
    csv.writer(response).writerows(map(guarded_cell, row) for row in csv_rows(report))
    return response
