"""A filter of lists in the admin that names the plans."""

from typing import Any

from django.contrib import admin

from billing import plans


class PlanFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Any:
        names = {plan.key: plan.name for plan in plans.GIFTS}
        for choice in super().choices(changelist):
            yield {**choice, "display": names.get(str(choice["display"]), choice["display"])}
