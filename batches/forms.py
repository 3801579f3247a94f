import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User
from batches import lifecycle
from batches.choices import IMAGE_FORMATS, Format, Quality, Ratio
from batches.lists import parsing
from batches.lists.messages import row_sentence, sentence
from batches.lists.styles import styled_prompt
from batches.models import Batch, ImageModel, ModelQuality, Prompt, Reference
from batches.orders.bill import Bill, bill_of
from batches.orders.order import Choices, Order
from batches.orders.rows import COLUMNS, MAX_STYLE_CHARACTERS, Row, format_for, own_choices, seconds_for
from batches.orders.submit import key_of_form, submit_order
from batches.references.attaching import MAX_REFERENCES
from batches.references.fields import ReferencesField, after, by_position, find_all
from batches.webhooks.sender import check_address
from billing.credits import ledger
from billing.entitlements import plan_of
from billing.refusals import Refusal

#: When the images are made: now, or within a day at a lower price.
MODES = ("now", "economy")
_LONGEST_TO_CLEAN = 10 * MAX_STYLE_CHARACTERS
#: If a prompt is longer, the page doesn't repeat the list: browsers would need half a minute to lay it out.
_LONGEST_TO_SHOW = 10 * parsing.MAX_PROMPT_CHARACTERS


class RowInvalid(forms.ValidationError):
    """An error in a list. The message names the line; `error` has the details for the API."""

    def __init__(self, error: parsing.RowError) -> None:
        super().__init__(row_sentence(error), code=error.code)
        self.error = error


class ListField(forms.Field):
    """A list as the text of a text area, or a sequence from the API. `batches.lists.parsing` reads both."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return value or ""


class StyleField(forms.CharField):
    """Text that is added to prompts, and cleaned in the same way."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """Put the text on one line. If it's far too long, leave it to the length validator."""
        words = super().to_python(value) or ""
        return words if len(words) > _LONGEST_TO_CLEAN else parsing.on_one_line(words)


class RefusableForm(forms.Form):
    refusal: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Show why the customer's credits or plan do not allow what the form asks for."""
        self.refusal = refusal
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, forms.ValidationError(refusal.sentence, code=refusal.code))


class BatchForm(RefusableForm):
    """A new batch: prompts, file names, style, photos and options. `rows` are the options of single prompts."""

    #: Whether the page repeats the submitted lists.
    is_shown_again = True

    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    prompts = ListField(label=_("Prompts"), required=False)
    names = ListField(label=_("File names"), required=False)
    style = StyleField(
        label=_("Style"), max_length=MAX_STYLE_CHARACTERS, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    model = forms.TypedChoiceField(
        label=_("Model"),
        error_messages={
            "required": _("Select a model."),
            "invalid_choice": _("This model is not available. Select another one."),
        },
    )
    quality = forms.ChoiceField(
        label=_("Quality"),
        choices=Quality.choices,
        initial=Quality.LOW,
        error_messages={"required": _("Select a quality.")},
    )
    format = forms.ChoiceField(
        label=_("File format"),
        choices=[(each.value, each.label) for each in IMAGE_FORMATS],
        initial=Format.PNG,
        error_messages={"required": _("Select a file format.")},
    )
    ratio = forms.ChoiceField(
        label=_("Aspect ratio"),
        choices=Ratio.choices,
        initial=Ratio.SQUARE,
        error_messages={"required": _("Select an aspect ratio.")},
    )
    references = ReferencesField()
    #: The length of each video; images have none.
    seconds = forms.TypedChoiceField(label=_("Length"), coerce=int, empty_value=None, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    #: Create only this many images, from the start of the list.
    first = forms.IntegerField(min_value=1, required=False)

    def __init__(self, *args: Any, user: User | None = None, rows: Sequence[Row] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["references"].user = user  # type: ignore[attr-defined]
        self.overrides: dict[int, Choices] = {}
        self.models = list(ImageModel.objects.on_offer())
        by_code = {model.code: model for model in self.models}
        self.fields["model"].choices = [(code, model.label) for code, model in by_code.items()]  # type: ignore[attr-defined]
        self.fields["model"].coerce = by_code.__getitem__  # type: ignore[attr-defined]
        lengths = sorted({seconds for model in self.models for seconds in model.seconds})
        self.fields["seconds"].choices = [(str(seconds), _seconds_label(seconds)) for seconds in lengths]  # type: ignore[attr-defined]
        self.initial.setdefault("submission_key", uuid.uuid4())
        if self.models:
            self.initial.setdefault("model", self.models[0].code)

    @property
    def marked(self) -> dict[str, Any]:
        """Return the option to preselect for each field: the submitted one if it's available, otherwise the default."""
        offered = {name: dict(self.fields[name].choices) for name in ("quality", "format", "ratio", "seconds")}  # type: ignore[attr-defined]
        offered["model"] = {model.code: model for model in self.models}
        chosen = {name: self[name].value() for name in offered}
        return {name: chosen[name] if chosen[name] in offered[name] else self[name].initial for name in offered}

    @property
    def photos(self) -> list[Reference]:
        """Return the photos to show."""
        if not self.is_bound:
            return list(self.initial.get("references", ()))
        return list(self.fields["references"].found)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        read = parsing.read_lists(data["prompts"], data["names"], data.get("first"))
        self._refuse("prompts", read.prompt_errors)
        self._refuse("names", read.name_errors)
        # `add_error` removes the values, but the rows must be validated as well.
        data |= {"prompts": read.prompts, "names": read.names}
        if "references" in data:
            self._share_photos(data, len(read.prompts) + len(read.rest_prompts))
        self.rest_lists = {"prompts": read.rest_prompts, "names": read.rest_names}
        self.has_unused_choices = read.has_unused_choices
        longest = max((error.params.get("characters", 0) for error in read.prompt_errors), default=0)
        self.is_shown_again = longest <= _LONGEST_TO_SHOW and not read.is_refused_unread
        if data.get("model") and data.get("quality") and self._price() is None:
            self.add_error("quality", gettext("This quality is not available for this model. Select another one."))
        if data.get("model"):
            self._check_model(data, data["model"])
        if {"prompts", *COLUMNS} <= data.keys():
            self._check_rows(data)
        return data

    def _share_photos(self, data: dict[str, Any], prompt_count: int) -> None:
        """Give rows the photos that are only for them, after those of all."""
        try:
            data["references"], own = by_position(data["references"], prompt_count)
            if len(data["references"]) > MAX_REFERENCES:
                message = gettext("An image can be created from up to %(limit)s reference photos.")
                raise forms.ValidationError(message % {"limit": MAX_REFERENCES}, code="too_many_references")
        except forms.ValidationError as error:
            self.add_error("references", error)
            return
        if own:
            ids = {position: [photo.pk for photo in photos] for position, photos in own.items()}
            rows = range(1, len(data["prompts"]) + 1)
            self.rows = [{"references": ids[row]} if row in ids else {} for row in rows]

    def _check_model(self, data: dict[str, Any], model: ImageModel) -> None:
        if "format" in data:
            data["format"] = format_for(model, data["format"])
            if data["format"] not in model.formats:
                self.add_error(
                    "format", gettext("This file format is not available for this model. Select another one.")
                )
        if "ratio" in data and data["ratio"] not in model.ratios:
            self.add_error("ratio", gettext("This aspect ratio is not available for this model. Select another one."))
        if data.get("seconds") and model.seconds and data["seconds"] not in model.seconds:
            self.add_error("seconds", gettext("This length is not available for this model. Select another one."))
        data["seconds"] = seconds_for(model, data.get("seconds"))
        if not model.takes(len(data.get("references", ()))):
            message = gettext("This model doesn’t take reference photos. Remove them, or select another model.")
            if model.takes_first_frame:
                message = gettext("This model takes one photo, as the first frame of the video. Remove the others.")
            self.add_error("references", forms.ValidationError(message, code="references_not_taken"))

    def _check_rows(self, data: dict[str, Any]) -> None:
        """Validate the options of rows, and the length of prompt and style together, which upstream limits."""
        price = self._price()
        if price is None:
            return
        self.defaults = Choices(
            data["model"], price, data["format"], data["ratio"], data["style"], data["references"], data["seconds"]
        )
        owner = self.fields["references"].user  # type: ignore[attr-defined]
        photos = find_all(owner, (each for row in self.rows for each in row.get("references") or ()))
        self.overrides, errors = own_choices(self.rows, self.defaults, self.models, photos)
        if "prompts" not in self.errors:
            styles = (self.overrides.get(row, self.defaults).style for row in range(1, len(data["prompts"]) + 1))
            self._refuse("style", parsing.check_lengths(map(len, map(styled_prompt, data["prompts"], styles))))
        self._refuse("prompts", errors)

    @cached_property
    def order(self) -> Order:
        data = self.cleaned_data
        return Order(
            prompts=data["prompts"],
            defaults=self.defaults,
            names=data["names"],
            title=data["title"],
            overrides=self.overrides,
            webhook_url=data.get("webhook_url", ""),
        )

    def rest(self) -> "BatchForm | None":
        """Return a new form with the prompts that `first` leaves out, None if there are none."""
        if not self.rest_lists["prompts"]:
            return None
        names = ("title", "style", "model", "quality", "format", "ratio", "seconds")
        choices = {name: self[name].value() for name in names}
        lists = {name: "\n".join(lines) for name, lines in self.rest_lists.items()}
        photos = after(self.photos, len(self.cleaned_data["prompts"]))
        return BatchForm(initial={**choices, **lists, "references": photos})

    def first_of_many(self, user: User) -> int:
        """Return how many prompts could be made now of a list that is too long for any batch; otherwise 0."""
        is_priced = {"model", "quality"} <= self.cleaned_data.keys()
        price = self._price() if is_priced and self.has_error("prompts", "too_many_prompts") else None
        if price is None:
            return 0
        photo_count = sum(not photo.only for photo in self.photos)
        each = price.credits_for(self.cleaned_data.get("seconds"), photo_count)
        affordable = max(0, ledger.account_of(user).left) // each if each else parsing.MAX_PROMPTS
        return min(parsing.MAX_PROMPTS, plan_of(user).prompts_per_batch, affordable)

    def bill(self, user: User, api_key: ApiKey | None = None) -> Bill:
        return bill_of(user, self.order, api_key)

    def submit(self, user: User, api_key: ApiKey | None = None) -> Batch | None:
        """Start the batch of a valid form, or add an error and return None if credits or plan don't allow it."""
        try:
            return submit_order(user, self.order, self.key(user), api_key)
        except Refusal as refusal:
            self.refuse(refusal)
            return None

    def key(self, user: User) -> uuid.UUID:
        """Return the key of this submission: submissions with the same key create only one batch."""
        own = self.cleaned_data["submission_key"]
        return key_of_form(user, self.order, own) if own else uuid.uuid4()

    def _price(self) -> ModelQuality | None:
        price: ModelQuality | None = self.cleaned_data["model"].price(self.cleaned_data["quality"])
        return price

    def _refuse(self, field: str, errors: list[parsing.RowError]) -> None:
        for error in errors:
            self.add_error(field, RowInvalid(error))


class ProgramForm(BatchForm):
    """The same form for the API, with the mode and a webhook URL."""

    mode = forms.ChoiceField(choices=[(mode, mode) for mode in MODES])
    webhook_url = forms.URLField(max_length=500, required=False, assume_scheme="https")

    def __init__(self, data: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["references"].limit = MAX_REFERENCES  # type: ignore[attr-defined]
        if data.get("model") is None:
            self.data = {**data, "model": self.initial.get("model")}

    def key(self, user: User) -> uuid.UUID:
        """Return the key of this submission, which is the same for requests with the same Idempotency-Key."""
        return self.cleaned_data["submission_key"] or uuid.uuid4()

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"]
        if url:
            check_address(url)
        return url

    def clean_mode(self) -> str:
        if self.cleaned_data["mode"] != "now":
            raise forms.ValidationError(gettext("Economy mode is not available yet."), code="not_offered_yet")
        return str(self.cleaned_data["mode"])


def _seconds_label(count: int) -> str:
    return ngettext("%(count)s second", "%(count)s seconds", count) % {"count": count}


class PromptForm(RefusableForm):
    text = ListField(label=_("Prompt"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, prompt: Prompt) -> None:
        super().__init__(data, initial={"text": prompt.text})
        self.prompt = prompt

    def clean_text(self) -> str:
        text = parsing.on_one_line(self.cleaned_data["text"])
        for error in parsing.check_prompts([text]) or self._check_styled(text):
            self.add_error("text", forms.ValidationError(capfirst(sentence(error)), code=error.code))
        return text

    def _check_styled(self, text: str) -> list[parsing.RowError]:
        """Check the length of prompt and style together, which upstream limits."""
        errors = parsing.check_lengths([len(styled_prompt(text, self.prompt.style))])
        return [replace(error, code=f"styled_{error.code}") for error in errors]

    def retry(self, batch: Batch, user: User) -> bool:
        """Queue the prompt with its new text, or add an error and return False."""
        try:
            retried = lifecycle.edit(batch, self.prompt.position, self.cleaned_data["text"], user)
        except Refusal as refusal:
            self.refuse(refusal)
            return False
        if not retried:
            self.add_error(None, gettext("You can’t edit this prompt any more."))
        return bool(retried)
