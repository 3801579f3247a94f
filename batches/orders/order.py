from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import cached_property

from batches.choices import Kind
from batches.lists.file_names import file_names
from batches.models import ImageModel, ModelQuality, Reference
from batches.models.prompt import MAX_NAME_CHARACTERS


@dataclass(frozen=True)
class Choices:
    image_model: ImageModel
    quality: ModelQuality
    format: str
    ratio: str
    style: str = ""
    references: Sequence[Reference] = ()
    #: The length of a video.
    seconds: int | None = None

    @property
    def reference_credits(self) -> int:
        return self.image_model.credits_for(len(self.references))

    @property
    def credits(self) -> int:
        return self.quality.credits_for(self.seconds, len(self.references))


@dataclass(frozen=True)
class Order:
    """A checked list with the batch's choices. `overrides` has those of rows that differ, by position from 1.

    The model of every row that has `references` takes them.
    """

    prompts: Sequence[str]
    defaults: Choices
    names: Sequence[str] = ()
    title: str = ""
    overrides: Mapping[int, Choices] = field(default_factory=dict)
    webhook_url: str = ""

    @cached_property
    def choices(self) -> list[Choices]:
        return [self.overrides.get(position, self.defaults) for position in range(1, len(self.prompts) + 1)]

    @cached_property
    def file_names(self) -> list[str]:
        return file_names(self.names, self.prompts, [each.format for each in self.choices])

    @cached_property
    def character_count(self) -> int:
        styles = sum(len(each.style) for each in self.choices)
        return styles + sum(map(len, self.prompts)) + sum(len(name[:MAX_NAME_CHARACTERS]) for name in self.names)

    @property
    def kind(self) -> Kind:
        return Kind(self.defaults.image_model.makes)

    @property
    def credits_needed(self) -> int:
        return sum(each.credits for each in self.choices)

    @property
    def reference_credits(self) -> int:
        """Return which part of `credits_needed` is for reference photos."""
        return sum(each.reference_credits for each in self.choices)

    @property
    def references_by_position(self) -> dict[int, Sequence[Reference]]:
        """Return the batch's photos under 0, and those of rows that have their own."""
        shared = self.defaults.references
        return {0: shared, **{n: row.references for n, row in self.overrides.items() if row.references != shared}}
