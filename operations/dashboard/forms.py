from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DEFAULT_DAYS = 30
#: More columns are too narrow to see.
MOST_DAYS = 184


class RangeForm(forms.Form):
    """The days that are shown, by default the last thirty."""

    start = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(label=_("To"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any) -> None:
        today = timezone.localdate()
        usual = {"start": str(today - timedelta(days=DEFAULT_DAYS - 1)), "end": str(today)}
        super().__init__({name: data.get(name) or usual[name] for name in usual})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if "start" in data and "end" in data and not 0 <= (data["end"] - data["start"]).days < MOST_DAYS:
            text = gettext("Choose up to %(days)s days. The first day must come first.")
            raise ValidationError(text, "range", {"days": MOST_DAYS})
        return data

    @property
    def days(self) -> list[date]:
        """Return all days of the range; none if it is not valid."""
        if not self.is_valid():
            return []
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        return [start + timedelta(days=number) for number in range((end - start).days + 1)]
