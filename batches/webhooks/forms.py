from typing import Any

from django import forms
from django.utils.translation import gettext

from accounts.models import User
from batches.models import WebhookEndpoint
from batches.models.webhook import EVENT_FIELDS
from batches.webhooks.sender import check_address

MAX_ENDPOINTS = 10


class WebhookForm(forms.ModelForm):
    class Meta:
        model = WebhookEndpoint
        fields = ("url", *EVENT_FIELDS.values())
        widgets = {"url": forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"})}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = WebhookEndpoint.objects.owned_by(user).exclude(pk=self.instance.pk)
        self.instance.user = user

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        check_address(url)
        if self.others.filter(url=url).exists():
            raise forms.ValidationError(gettext("You already have an endpoint with this URL."))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in EVENT_FIELDS.values()):
            self.add_error(None, gettext("Select at least one event."))
        if self.instance._state.adding and self.others.count() >= MAX_ENDPOINTS:
            self.add_error(None, gettext("You’ve reached the limit of endpoints. Delete one first."))
        return data
