import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files import File
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.editing import edits, inputs
from batches.forms import ListField, PromptForm
from batches.models import ImageModel, Prompt
from batches.pictures.finish import Picture
from batches.review.forms import price_label
from billing.refusals import Refusal

WHOLE, PAINTED, RECTANGLE = "whole", "painted", "rectangle"
SIDES = ("left", "top", "width", "height")


class EditForm(PromptForm):
    """An instruction, the part of the image that may change, and model with quality, as `code/quality`."""

    area = forms.ChoiceField(
        label=_("Area to change"),
        choices=[
            (WHOLE, _("The whole image")),
            (PAINTED, _("An area that I paint")),
            (RECTANGLE, _("A rectangle")),
        ],
        initial=WHOLE,
    )
    image = forms.FileField(label=_("Image file"), required=False)
    mask = forms.FileField(label=_("Mask"), required=False)
    left = forms.IntegerField(label=_("From the left"), min_value=0, required=False)
    top = forms.IntegerField(label=_("From the top"), min_value=0, required=False)
    width = forms.IntegerField(label=_("Width"), min_value=1, required=False)
    height = forms.IntegerField(label=_("Height"), min_value=1, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, files: "MultiValueDict[str, Any] | None", prompt: Prompt, text: str = ""
    ) -> None:
        super().__init__(data, prompt)
        self.files = files or MultiValueDict()
        self.prices = {
            f"{model.code}/{price.quality}": price
            for model in ImageModel.objects.on_offer()
            if model.edits_images
            for price in sorted(model.qualities.all(), key=lambda price: price.credits)
        }
        self.fields["price"] = forms.ChoiceField(
            label=_("Model and quality"),
            widget=forms.Select(attrs={"aria-describedby": "price-errors"}),
            choices=[
                (value, f"{price.image_model.label} · {price_label(price, edits.cost(price))}")
                for value, price in self.prices.items()
            ],
            error_messages={"invalid_choice": _("This model can’t edit images in this quality.")},
        )
        self.fields["text"] = ListField(label=_("Instruction"), error_messages={"required": _("Enter an instruction.")})
        self.initial = {
            "text": text,
            "area": WHOLE,
            "price": self._usual_price(),
            "submission_key": uuid.uuid4(),
        }

    @property
    def sides(self) -> list[forms.BoundField]:
        return [self[side] for side in SIDES]

    @property
    def is_another_model(self) -> bool:
        return not any(price.image_model == self.prompt.image_model for price in self.prices.values())

    def _usual_price(self) -> str:
        """Return the model and quality of the image, or the first of another model if its own can't edit images."""
        usual = f"{self.prompt.image_model.code}/{self.prompt.quality}"
        return usual if usual in self.prices else next(iter(self.prices), "")

    def _check_styled(self, text: str) -> list[Any]:
        # An instruction is sent without the style.
        return []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "image" not in self.errors:
            self._clean_base(data)
        return data

    def _clean_base(self, data: dict[str, Any]) -> None:
        try:
            self.base = inputs.base_image(self.prompt, data.get("image"))
        except forms.ValidationError as error:
            self.add_error("image", error)
            return
        try:
            self.area_mask = self._mask(data, self.base)
        except forms.ValidationError as error:
            self.add_error("mask" if data.get("area") == PAINTED else "area", error)

    def _mask(self, data: dict[str, Any], base: Picture) -> bytes:
        size = (base.width, base.height)
        mask: File[bytes] | None = data.get("mask")
        if data.get("area") == PAINTED:
            if mask is None:
                raise forms.ValidationError(gettext("Paint the area to change."), code="required")
            return inputs.clean_mask(mask, size)
        if data.get("area") != RECTANGLE:
            return b""
        sides = [data[side] for side in SIDES if data.get(side) is not None]
        if len(sides) < len(SIDES):
            raise forms.ValidationError(gettext("Enter the four numbers of the rectangle."), code="required")
        return inputs.rectangle_mask(size, *sides)

    def submit(self, user: User) -> Prompt | None:
        data = self.cleaned_data
        price = self.prices[data["price"]]
        try:
            made = edits.submit(self.prompt, data["text"], price, self.base, self.area_mask, self._key(), user)
        except Refusal as refusal:
            self.refuse(refusal)
            return None
        except OSError:
            message = gettext("We can’t store images at the moment. Try again later.")
            self.add_error(None, forms.ValidationError(message, code="unavailable"))
            return None
        if made is None:
            self.add_error(
                None, forms.ValidationError(gettext("You can’t create more versions of this."), code="wrong_state")
            )
        return made

    def _key(self) -> uuid.UUID:
        """Return the key of this submission. The same form makes one version, unless it was changed after "Back"."""
        data = self.cleaned_data
        mask_sha256 = hashlib.sha256(self.area_mask).hexdigest()
        wanted = [data["text"], data["price"], self.base.sha256, mask_sha256]
        return uuid.uuid5(data["submission_key"] or uuid.uuid4(), "\0".join(wanted))
