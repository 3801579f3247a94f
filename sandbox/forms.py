from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .behaviour import DIRECTOR, Behaviour
from .openai import faults

ENDPOINTS = [
    ("images", _("images")),
    ("moderations", _("moderations")),
    ("responses", _("responses")),
    ("predictions", _("predictions")),
]


class BehaviourForm(forms.Form):
    """The settings of the stand-ins, from the control page or from JSON."""

    delay_seconds = forms.FloatField(label=_("Seconds for an image"), min_value=0, max_value=3600)
    retry_after_seconds = forms.FloatField(label=_("Seconds in Retry-After"), min_value=0, max_value=3600)
    image_bytes = forms.IntegerField(
        label=_("Bytes of a PNG, about"), help_text=_("Empty: as small as it is."), required=False,
        min_value=10_000, max_value=60_000_000,
    )  # fmt: skip
    images_per_minute = forms.IntegerField(
        label=_("Images per minute"), help_text=_("Empty: no limit."), required=False, min_value=0
    )
    fail_kind = forms.CharField(
        label=_("Fault of the next calls"), help_text=_("A word of the table, without brackets."), required=False,
        widget=forms.TextInput(attrs={"list": "words", "autocomplete": "off"}),
    )  # fmt: skip
    fail_count = forms.IntegerField(label=_("How many calls"), required=False, min_value=0, max_value=1_000_000)
    fail_endpoint = forms.ChoiceField(label=_("Endpoint"), choices=ENDPOINTS)

    @classmethod
    def from_json(cls, changes: Mapping[str, Any]) -> "BehaviourForm":
        """A form with the present settings and some changes, as `/sandbox/settings` takes them."""
        flat = dict(changes)
        if "fail_next" in flat:
            failure = flat.pop("fail_next") or {"kind": "", "count": 0}
            if not isinstance(failure, dict):
                failure = {"kind": str(failure)}
            flat |= {f"fail_{name}": value for name, value in {"count": 1, "endpoint": "images", **failure}.items()}
        return cls({**asdict(DIRECTOR.current), **flat})

    def clean_fail_kind(self) -> str:
        """Only words that strike."""
        kind: str = self.cleaned_data["fail_kind"]
        if kind and not faults.parsed(kind):
            raise forms.ValidationError(_("There is no such word."))
        return kind

    def clean(self) -> dict[str, Any]:
        """Refuse what is no setting, so that a typing mistake in a test is seen."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        unknown = set(self.data) - set(self.fields) - {"csrfmiddlewaretoken"}
        for name in sorted(unknown):
            self.add_error(None, _("Unknown setting: %(name)s") % {"name": name})
        cleaned["fail_count"] = (cleaned.get("fail_count") or 0) if cleaned.get("fail_kind") else 0
        return cleaned

    def save(self) -> Behaviour:
        """Make the settings those of the stand-ins."""
        DIRECTOR.change(**self.cleaned_data)
        return DIRECTOR.current
