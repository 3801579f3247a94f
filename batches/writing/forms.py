from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.lists import parsing
from batches.writing.suggestions import MAX_CHARACTERS, MAX_WRITTEN, ROWS_PER_CALL


class ListForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"), max_length=500, error_messages={"required": _("Enter what the list is about.")}
    )
    prompt_count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MAX_WRITTEN, initial=10)

    def clean_subject(self) -> str:
        return parsing.on_one_line(self.cleaned_data["subject"])


def rows_of(rows: list[str], prompts: list[str]) -> dict[int, str]:
    """Return the prompts by row number, as the page's script sends them. Raises `ValidationError`."""
    texts = [parsing.on_one_line(prompt) for prompt in prompts]
    if not 0 < len(texts) == len(rows) <= ROWS_PER_CALL or not all(row.isascii() and row.isdigit() for row in rows):
        raise forms.ValidationError("no rows")
    check_length(*texts)
    return dict(zip((int(row[:9]) for row in rows), texts, strict=True))


def check_length(*prompts: str) -> None:
    if any(len(prompt) > MAX_CHARACTERS for prompt in prompts):
        raise forms.ValidationError(gettext("Prompts of more than 2,000 characters are too long for suggestions."))


def appended(data: Any, prompts: list[str]) -> Any:
    """Return a copy of a form's data with the prompts after those that are there."""
    copy = data.copy()
    earlier = copy.get("prompts", "").rstrip()
    copy["prompts"] = "\n".join(filter(None, [earlier, *prompts]))
    return copy
