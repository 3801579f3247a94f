from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Left, Length, Replace
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.choices import Format, Quality, Ratio
from batches.lists import parsing
from batches.lists.messages import row_sentence


class PresetQuerySet(models.QuerySet["Preset"]):
    def owned_by(self, user: User) -> "PresetQuerySet":
        return self.filter(owner=user)

    def offered_to(self, user: User) -> "PresetQuerySet":
        return self.filter(Q(owner=user) | Q(owner=None, is_published=True))

    def in_brief(self) -> "PresetQuerySet":
        """Return the presets with `start` and `line_count` instead of their texts, which can be megabytes long."""
        text = F("prompts")
        lines = Length(text) - Length(Replace(text, Value("\n"), Value(""))) + 1
        return self.defer("prompts", "names", "style").annotate(start=Left(text, 200), line_count=lines)

    def character_count(self) -> int:
        count: int = self.aggregate(count=Sum("character_count", default=0))["count"]
        return count


class Preset(models.Model):
    """A list with its choices. Using one copies it into a form, so later changes reach no batch."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="presets",
        verbose_name=_("owner"),
        help_text=_("Blank for shared presets, which everyone can use."),
    )
    slug = models.SlugField(
        _("slug"), max_length=60, unique=True, null=True, blank=True, help_text=_("Only for shared presets.")
    )
    title = models.CharField(_("title"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    prompts = models.TextField(_("prompts"), help_text=_("One per line."))
    names = models.TextField(_("file names"), blank=True, help_text=_("One per line, in the order of the prompts."))
    style = models.TextField(_("style"), blank=True)
    image_model = models.ForeignKey(
        "batches.ImageModel",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("model"),
        help_text=_("Leave blank for the default model."),
    )
    quality = models.CharField(_("quality"), max_length=10, choices=Quality.choices, default=Quality.LOW)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices, default=Format.PNG)
    ratio = models.CharField(_("ratio"), max_length=5, choices=Ratio.choices, default=Ratio.SQUARE)
    seconds = models.PositiveSmallIntegerField(_("seconds"), null=True, blank=True, help_text=_("Video length."))
    needs_reference = models.BooleanField(
        _("needs a reference photo"), default=False, help_text=_("Select if the prompts refer to a photo of a person.")
    )
    is_published = models.BooleanField(_("published"), default=True)
    menu_order = models.PositiveSmallIntegerField(_("menu order"), default=100)
    character_count = models.PositiveIntegerField(_("characters"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ("menu_order", "title", "id")

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("batches:use_preset", args=[self.pk])

    @property
    def label(self) -> str:
        """Return the title. Shared presets are translated, customers' own are not."""
        return self.title if self.owner_id else gettext(self.title)

    @property
    def explanation(self) -> str:
        return gettext(self.description) if self.description and not self.owner_id else self.description

    @property
    def image_count(self) -> int:
        return len(parsing.read_lists(self.prompts).prompts)

    @property
    def contents(self) -> str:
        """Return e.g. “3 videos”, for a preset that was read by `in_brief`."""
        return Format(self.format).kind.counted(self.line_count)  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Refuse a list that a batch would refuse."""
        read = parsing.read_lists(self.prompts, self.names)
        errors = {"prompts": read.prompt_errors, "names": read.name_errors}
        found = {field: [row_sentence(error) for error in each] for field, each in errors.items() if each}
        if found:
            raise ValidationError(found)
        # One per line, so that lines can be counted.
        self.prompts, self.names = "\n".join(read.prompts), "\n".join(read.names)

    def form_values(self) -> dict[str, str]:
        """Return the initial values of a new batch's form."""
        names = ("prompts", "names", "style", "quality", "format", "ratio")
        values = {name: getattr(self, name) for name in names} | {
            "title": self.label,
            "seconds": str(self.seconds or ""),
        }
        return {**values, "model": self.image_model.code} if self.image_model else values
