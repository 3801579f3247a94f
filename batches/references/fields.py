"""The form field of reference photos."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.models import Reference
from batches.references import positions, uploads
from batches.references.photos import PhotoRefused

#: Files that come with the form, because the browser has no JavaScript.
FILES = "photos"
STORAGE_AWAY = _("We can’t store photos at the moment. Try again later.")


def find_all(user: User | None, ids: Iterable[object]) -> dict[uuid.UUID, Reference]:
    """Return those of the user's photos by id. Values that are no ids are ignored."""
    wanted = set()
    for each in ids:
        try:
            wanted.add(uuid.UUID(str(each)))
        except ValueError:
            continue
    return Reference.objects.filter(user=user).in_bulk(wanted)


class _Input(forms.MultipleHiddenInput):
    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> list[Any]:
        ids = super().value_from_datadict(data, files, name) or []
        wanted = [(str(each), data.get(f"only-{each}", "")) for each in ids]
        return [*wanted, *(files.getlist(FILES) if isinstance(files, MultiValueDict) else ())]


def by_position(photos: Iterable[Reference], prompt_count: int) -> tuple[list[Reference], dict[int, list[Reference]]]:
    """Return the photos for all prompts, and the photos of each prompt that has its own.

    Raises `ValidationError`.
    """
    for_all, own = [photo for photo in photos if not photo.only], defaultdict[int, list[Reference]](list)
    for photo in photos:
        try:
            wanted = positions.read(photo.only)
        except ValueError as error:
            message = gettext("Enter numbers of prompts, such as 2, 5-7.")
            raise forms.ValidationError(message, code="bad_positions") from error
        if wanted and wanted[-1] > prompt_count:
            message = gettext("There is no prompt %(position)s.") % {"position": wanted[-1]}
            raise forms.ValidationError(message, code="unknown_position")
        for position in wanted:
            own[position].append(photo)
    return for_all, {position: for_all + further for position, further in own.items()}


def after(photos: Iterable[Reference], prompt_count: int) -> list[Reference]:
    """Return the photos of a list without its first prompts."""
    left = []
    for photo in photos:
        was_for_all = not photo.only
        photo.only = positions.write(each - prompt_count for each in positions.read(photo.only) if each > prompt_count)
        if was_for_all or photo.only:
            left.append(photo)
    return left


class ReferencesField(forms.Field):
    """Photos by id, or as files, which are stored. `user` is their owner, `limit` how many there can be."""

    widget = _Input
    user: User | None = None
    limit = uploads.MAX_UNUSED

    def __init__(self) -> None:
        super().__init__(label=_("Reference photos"), required=False)
        #: The valid ones, also if there are errors.
        self.found: list[Reference] = []

    def clean(self, value: Any) -> list[Reference]:
        ids = dict(each for each in value or () if not isinstance(each, UploadedFile))
        files = [each for each in value or () if isinstance(each, UploadedFile)]
        by_id = {str(pk): photo for pk, photo in find_all(self.user, ids).items()}
        self.found = [by_id[each] for each in ids if each in by_id][: self.limit]
        for photo in self.found:
            photo.only = ids[str(photo.pk)].strip()
        # Those of all prompts come first, as each prompt counts them.
        self.found.sort(key=lambda photo: bool(photo.only))
        if len(ids) + len(files) > self.limit:
            message = gettext("You can use up to %(limit)s reference photos.") % {"limit": self.limit}
            raise forms.ValidationError(message, code="too_many_references")
        if len(self.found) < len(ids):
            message = gettext("A reference photo is no longer on our server. Add it again.")
            raise forms.ValidationError(message, code="unknown_reference")
        errors = [error for error in map(self._store, files) if error]
        if errors:
            raise forms.ValidationError(errors)
        return self.found

    def _store(self, file: UploadedFile) -> forms.ValidationError | None:
        assert self.user is not None
        try:
            self.found.append(uploads.store(self.user, file))
        except (PhotoRefused, uploads.TooManyReferences) as refused:
            return forms.ValidationError(f"{file.name}: {refused.sentence}", code=refused.code)
        except OSError:
            return forms.ValidationError(str(STORAGE_AWAY), code="storage")
        return None
