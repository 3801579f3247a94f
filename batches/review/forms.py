from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.forms import PromptForm
from batches.models import Batch, ImageModel, ModelQuality, Prompt
from batches.review import versions
from billing.refusals import Refusal


def price_label(price: ModelQuality, count: int) -> str:
    amount = ngettext("%(count)s credit", "%(count)s credits", count) % {"count": count}
    return f"{price.get_quality_display()} · {amount}"


class VersionForm(PromptForm):
    """Text and quality of a further version. The other options are those of the image."""

    # The newest version when the page was rendered. If there is a newer one, the form may have been sent twice.
    newest = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, prompt: Prompt) -> None:
        super().__init__(data, prompt)
        model = ImageModel.objects.on_offer().filter(pk=prompt.image_model_id).first()
        prices = sorted(model.qualities.all(), key=lambda price: price.credits) if model else []
        amounts = [(price, price.credits_for(prompt.seconds, prompt.reference_count)) for price in prices]
        choices = [(price.quality, price_label(price, amount)) for price, amount in amounts]
        self.fields["quality"] = forms.ChoiceField(label=_("Quality"), choices=choices, initial=prompt.quality)
        self.initial["newest"] = versions.newest(prompt)

    @transaction.atomic
    def submit(self, batch: Batch, user: User) -> Prompt | None:
        text, quality = self.cleaned_data["text"], self.cleaned_data["quality"]
        batch.lock()
        newest = versions.newest(self.prompt)
        if self.cleaned_data["newest"] not in (None, newest):
            # Not `{**self.data}`: of a QueryDict, that copies lists of values.
            self.data = dict(self.data.items()) | {"newest": newest}
            text = gettext("A newer version was created after you opened this page. Create another one?")
            self.add_error(None, forms.ValidationError(text, code="newer_version"))
            return None
        try:
            made = versions.make_again(batch, [self.prompt.position], user, text=text, quality=quality)
        except Refusal as refusal:
            self.refuse(refusal)
            return None
        if not made:
            self.add_error(
                None, forms.ValidationError(gettext("You can’t create more versions of this."), code="wrong_state")
            )
            return None
        return made[0]
