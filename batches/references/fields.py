"""The form field of reference photos."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.models import Reference
from batches.references import uploads
from batches.references.attaching import MAX_REFERENCES
from batches.references.photos import PhotoRefused

#: Files that come with the form, because the browser has no JavaScript.
FILES = "photos"
STORAGE_AWAY = _("We can’t store photos at the moment. Try again later.")


def find_all(user: User | None, ids: Iterable[object]) -> dict[uuid.UUID, Reference]:
    """Return those of the user's photos by id. What is no id is ignored."""
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
        return [*ids, *(files.getlist(FILES) if isinstance(files, MultiValueDict) else ())]


class ReferencesField(forms.Field):
    """Photos by id, or as files, which are stored. `user` is their owner."""

    widget = _Input
    user: User | None = None

    def __init__(self) -> None:
        super().__init__(label=_("Reference photos"), required=False)
        #: The valid ones, also if there are errors.
        self.found: list[Reference] = []

    def clean(self, value: Any) -> list[Reference]:
        ids = list(dict.fromkeys(str(each) for each in value or () if not isinstance(each, UploadedFile)))
        files = [each for each in value or () if isinstance(each, UploadedFile)]
        by_id = {str(pk): photo for pk, photo in find_all(self.user, ids).items()}
        self.found = [by_id[each] for each in ids if each in by_id][:MAX_REFERENCES]
        if len(ids) + len(files) > MAX_REFERENCES:
            message = gettext("You can use up to %(limit)s reference photos.") % {"limit": MAX_REFERENCES}
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
