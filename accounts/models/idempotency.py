"""Requests of programs with an Idempotency-Key and their responses."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.api_key import ApiKey


class IdempotentRequest(models.Model):
    """While `status` is empty the request is in progress, or its process has died."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", verbose_name=_("API key"))
    # Hashed, because a database may treat keys that differ only in case or accents as equal.
    name_sha256 = models.CharField(_("hash of the Idempotency-Key"), max_length=64)
    fingerprint = models.CharField(_("hash of the request"), max_length=64)
    token = models.UUIDField(_("submission token"), default=uuid.uuid4)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    answer = models.JSONField(_("response"), encoder=DjangoJSONEncoder, null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    locked_until = models.DateTimeField(_("locked until"))

    class Meta:
        verbose_name = _("idempotent request")
        verbose_name_plural = _("idempotent requests")
        constraints = (models.UniqueConstraint(fields=["api_key", "name_sha256"], name="name_once_per_api_key"),)
        indexes = (models.Index(fields=["created_at"], name="idempotent_created"),)

    def __str__(self) -> str:
        return f"{self.api_key_id} {self.token}"
