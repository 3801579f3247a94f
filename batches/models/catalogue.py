"""The image models on offer. Operators edit these rows, because upstream retires models at short notice."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from batches.choices import Format, Kind, Quality, Ratio
from batches.pictures.ratios import size_error

#: The most that `Prompt.upstream_cost_cents` holds: a thousand dollars.
_ABSURD_COST_CENTS = 99_999
#: Upstream announces shutdowns some months ahead. Customers need the last weeks to switch to another model.
RETIREMENT_NOTICE = timedelta(days=60)
#: The longest video that a model may offer.
_LONGEST_SECONDS = 60


def check_size(size: str) -> None:
    if error := size_error(size):
        raise ValidationError(_("The model can’t create images of this size."), code=error)


def check_inputs(inputs: Any) -> None:
    """Raise `ValidationError` unless the value has the form that `ImageModel` reads."""
    try:
        is_right = (
            inputs.keys() <= {"input", "by_quality", "seconds", "ratios"}
            and "$prompt" in inputs["input"].values()
            and all(isinstance(more, dict) for more in inputs.get("by_quality", {}).values())
            and all(
                isinstance(seconds, int) and 0 < seconds <= _LONGEST_SECONDS for seconds in inputs.get("seconds", ())
            )
            and set(inputs.get("ratios", ())) <= set(Ratio.values)
        )
    except (AttributeError, KeyError, TypeError):
        is_right = False
    if inputs and not is_right:
        raise ValidationError(_("Enter a JSON object as described below."), code="inputs")


class ImageModelQuerySet(models.QuerySet["ImageModel"]):
    def on_offer(self) -> "ImageModelQuerySet":
        """Return the enabled models in menu order, with their qualities, without those that upstream has retired.

        A model counts as retired from the start of the day: upstream names no hour.
        """
        lives_on = Q(retires_on=None) | Q(retires_on__gt=timezone.localdate())
        has_replicate = settings.REPLICATE_API_TOKEN or settings.REPLICATE_SANDBOX
        providers = ImageModel.Provider if has_replicate else [ImageModel.Provider.OPENAI]
        return self.filter(lives_on, enabled=True, provider__in=providers).prefetch_related("qualities")


class ImageModel(models.Model):
    class Provider(models.TextChoices):
        OPENAI = "openai", _("OpenAI images")
        REPLICATE = "replicate", "Replicate"

    class Parameters(models.TextChoices):
        AUTOMATIC = "automatic", _("Automatic, by the server’s address")
        OPENAI = "openai", _("OpenAI: quality, output_format, safety_identifier")
        COMMON = "common", _("Common: response_format, and quality if the model has several")

    code = models.CharField(_("upstream name"), max_length=80, unique=True, help_text=_("The model’s name in the API."))
    label = models.CharField(_("label"), max_length=80, help_text=_("The name that customers see."))
    hint = models.CharField(_("hint"), max_length=120, blank=True, help_text=_("Helps customers to choose a model."))
    provider = models.CharField(_("provider"), max_length=20, choices=Provider.choices, default=Provider.OPENAI)
    makes = models.CharField(_("creates"), max_length=5, choices=Kind.choices, default=Kind.IMAGE)
    inputs = models.JSONField(
        _("Replicate inputs"),
        default=dict,
        blank=True,
        validators=[check_inputs],
        help_text=_(
            "“input” is sent after $prompt, $seconds, $ratio, $format and $first_frame are replaced. “by_quality” has "
            "more inputs for each quality. “seconds” and “ratios” list what customers can choose."
        ),
    )
    parameters = models.CharField(
        _("parameters"),
        max_length=10,
        choices=Parameters.choices,
        default=Parameters.AUTOMATIC,
        help_text=_("Sent in addition to model, prompt, n and size."),
    )
    size_square = models.CharField(_("size for 1:1"), max_length=11, validators=[check_size], default="1024x1024")
    size_landscape = models.CharField(_("size for 16:9"), max_length=11, validators=[check_size], default="1536x864")
    size_portrait = models.CharField(_("size for 9:16"), max_length=11, validators=[check_size], default="864x1536")
    makes_png = models.BooleanField(_("supports PNG"), default=True)
    makes_jpg = models.BooleanField(_("supports JPG"), default=True)
    reference_credits = models.PositiveSmallIntegerField(
        _("credits per reference photo"),
        null=True,
        blank=True,
        help_text=_("Added to an image’s price for each photo. Leave blank if the model accepts no photos."),
    )
    text_input_cents = models.DecimalField(
        _("text input (US cents per million tokens)"), max_digits=8, decimal_places=2, default=500
    )
    image_input_cents = models.DecimalField(
        _("image input (US cents per million tokens)"), max_digits=8, decimal_places=2, default=800
    )
    image_output_cents = models.DecimalField(
        _("image output (US cents per million tokens)"), max_digits=8, decimal_places=2, default=3000
    )
    menu_order = models.PositiveSmallIntegerField(
        _("menu order"), default=100, help_text=_("The model with the lowest number is the default.")
    )
    retires_on = models.DateField(
        _("retires on"), null=True, blank=True, help_text=_("The day on which the provider shuts the model down.")
    )
    enabled = models.BooleanField(_("available"), default=True)

    objects = ImageModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("image model")
        verbose_name_plural = _("image models")
        ordering = ("menu_order", "label")

    def __str__(self) -> str:
        return self.label

    def size(self, ratio: str) -> str:
        """Return the size to request, e.g. `1536x864`. Raises `KeyError` for an unknown ratio."""
        sizes: dict[str, str] = {
            Ratio.SQUARE: self.size_square,
            Ratio.LANDSCAPE: self.size_landscape,
            Ratio.PORTRAIT: self.size_portrait,
        }
        return sizes[ratio]

    def price(self, quality: str) -> "ModelQuality | None":
        """Return the quality with its price, None if the model does not have it. No query after `on_offer`."""
        return next((row for row in self.qualities.all() if row.quality == quality), None)

    @property
    def edits_images(self) -> bool:
        return self.provider == self.Provider.OPENAI and self.reference_credits is not None

    def takes(self, reference_count: int) -> bool:
        most = 1 if self.takes_first_frame else 0
        return reference_count <= most if self.inputs else not reference_count or self.reference_credits is not None

    def credits_for(self, reference_count: int) -> int:
        return (self.reference_credits or 0) * reference_count

    def cost_cents(self, text_tokens: int, image_tokens_in: int, image_tokens_out: int) -> Decimal | None:
        """Return the cost of one response in US cents, from the tokens that upstream reports.

        None if it is too large for the column: SQLite would store it, and reading it back would fail.
        """
        tokens = (
            text_tokens * self.text_input_cents
            + image_tokens_in * self.image_input_cents
            + image_tokens_out * self.image_output_cents
        )
        cost = tokens / 1_000_000
        return cost.quantize(Decimal("0.001")) if cost < _ABSURD_COST_CENTS else None

    @property
    def makes_video(self) -> bool:
        return self.makes == Kind.VIDEO

    @property
    def seconds(self) -> list[int]:
        lengths: list[int] = self.inputs.get("seconds", []) if self.makes_video else []
        return lengths

    @property
    def ratios(self) -> list[str]:
        ratios: list[str] = self.inputs.get("ratios") or Ratio.values
        return ratios

    @property
    def takes_first_frame(self) -> bool:
        return "$first_frame" in self.inputs.get("input", {}).values()

    def input_for(self, quality: str, **values: Any) -> dict[str, Any]:
        """Return the input for Replicate; one whose value in `values` is None is left out."""
        template = {**self.inputs["input"], **self.inputs.get("by_quality", {}).get(quality, {})}
        named = {f"${name}": value for name, value in values.items()}
        filled = {key: named.get(value, value) if isinstance(value, str) else value for key, value in template.items()}
        return {key: value for key, value in filled.items() if value is not None}

    @property
    def formats(self) -> list[str]:
        if self.makes_video:
            return [Format.MP4.value]
        return [str(f) for f, made in ((Format.PNG, self.makes_png), (Format.JPG, self.makes_jpg)) if made]


class ModelQuality(models.Model):
    """One quality of a model: its price for customers in credits, and its cost for us in cents.

    Of one image, or of one second of a video.
    """

    image_model = models.ForeignKey(ImageModel, models.CASCADE, related_name="qualities", verbose_name=_("model"))
    quality = models.CharField(_("quality"), max_length=10, choices=Quality.choices)
    credits = models.PositiveSmallIntegerField(
        _("credits"), default=1, help_text=_("The price of one image or one second of video.")
    )
    upstream_cost_cents = models.DecimalField(
        _("upstream cost (US cents)"),
        max_digits=8,
        decimal_places=3,
        help_text=_("For one square image or one second of video."),
    )
    upstream_cost_is_estimated = models.BooleanField(_("cost is estimated"), default=False)

    class Meta:
        verbose_name = _("quality")
        verbose_name_plural = _("qualities")
        ordering = ("image_model", "credits")
        constraints = (models.UniqueConstraint(fields=["image_model", "quality"], name="quality_once_per_model"),)

    def __str__(self) -> str:
        return self.get_quality_display()

    def credits_for(self, seconds: int | None, reference_count: int) -> int:
        """Return the price of an image, or of a video of so many seconds, with so many photos."""
        return self.credits * (seconds or 1) + self.image_model.credits_for(reference_count)
