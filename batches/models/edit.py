import uuid

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

MAX_PATH_CHARACTERS = 200


class Edit(models.Model):
    """Makes a prompt an instruction to change an image. Its files are deleted when they are no longer needed."""

    prompt = models.OneToOneField("batches.Prompt", models.CASCADE, primary_key=True, related_name="edit")
    source = models.ForeignKey("batches.Prompt", models.CASCADE, related_name="edits", verbose_name=_("edited image"))
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)
    base = models.CharField(_("image on the server"), max_length=MAX_PATH_CHARACTERS, blank=True)
    mask = models.CharField(
        _("mask on the server"),
        max_length=MAX_PATH_CHARACTERS,
        blank=True,
        help_text=_("Blank if the whole image may change."),
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        """Return the page that makes the same edit again."""
        place = [self.source.batch_id, self.source.position]
        return reverse("batches:edit", args=place, query={"like": self.prompt.position})
