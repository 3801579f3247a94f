"""Reference photos, which are sent upstream with the prompt."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.choices import OPEN_BATCH

if TYPE_CHECKING:
    from batches.models import Prompt


def path_of(reference: "Reference", _name: str) -> str:
    return f"references/{reference.user_id}/{reference.pk}.jpg"


def _delete(files: Iterable[str]) -> None:
    for file in files:
        default_storage.delete(file)


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def owned_by(self, user: User) -> "ReferenceQuerySet":
        return self.filter(user=user)

    def of_prompt(self, prompt: "Prompt") -> "list[Reference]":
        """Return the photos that the prompt is sent with, in order: its own, or else the batch's.

        Fewer than `Prompt.reference_count` if some were deleted.
        """
        links = BatchReference.objects.filter(
            batch=prompt.batch_id, position__in=(0, prompt.position), number__lte=prompt.reference_count
        )
        found = list(links.select_related("reference"))
        own = [link for link in found if link.position]
        return [link.reference for link in own or found if link.reference]

    def unused(self) -> "ReferenceQuerySet":
        uses = BatchReference.objects.filter(reference=OuterRef("pk"), batch__status__in=OPEN_BATCH)
        return self.filter(~Exists(uses))

    @transaction.atomic
    def discard(self) -> None:
        """Delete the photos, and their files after the commit. Open batches that have them fail from then on."""
        # Locked, so that no batch gets one of them at the same time.
        files = dict(self.select_for_update().values_list("pk", "file"))
        if not files:
            return
        Reference.objects.filter(pk__in=files).delete()
        # If this fails, a periodic job deletes the files later.
        transaction.on_commit(lambda: _delete(files.values()), robust=True)


class Reference(models.Model):
    """A photo that a customer uploaded, as `batches.references.photos` has saved it anew: a JPEG."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="references")
    file = models.FileField(_("file on the server"), upload_to=path_of, max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    byte_count = models.PositiveIntegerField(_("size (bytes)"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    #: On a form: the positions of the prompts that it is for, such as "2, 5-7". Empty: of all.
    only = ""

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("reference photo")
        verbose_name_plural = _("reference photos")

    def __str__(self) -> str:
        return str(self.pk)


class BatchReference(models.Model):
    """A photo of a batch, or of one of its prompts. Prompts can speak of “image 1”, “image 2”, by `number`.

    It stays when the photo is deleted, so that the customer can add the photo again: once for all links of the batch
    with the same `photo_number`.
    """

    batch = models.ForeignKey("batches.Batch", models.CASCADE, related_name="reference_links")
    reference = models.ForeignKey(Reference, models.SET_NULL, null=True, related_name="links")
    position = models.PositiveIntegerField(default=0, help_text=_("0 for all prompts without photos of their own."))
    number = models.PositiveSmallIntegerField()
    photo_number = models.PositiveSmallIntegerField(default=0, help_text=_("The photo’s number in the batch."))

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["batch", "position", "number"], name="reference_number_once_per_prompt"),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.reference_id}"
