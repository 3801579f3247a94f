from django import forms
from django.utils.translation import gettext_lazy as _


class TitleForm(forms.Form):
    """The form of a new batch also has the batch's own title, hence the field's name."""

    preset_title = forms.CharField(
        label=_("Preset title"), max_length=80, error_messages={"required": _("Enter a title for the preset.")}
    )
