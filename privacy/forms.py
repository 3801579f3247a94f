from django import forms
from django.utils.translation import gettext_lazy as _


class DeletionForm(forms.Form):
    understood = forms.BooleanField(label=_("I understand that my data and my unused credits will be deleted."))
