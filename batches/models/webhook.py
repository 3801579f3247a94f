"""Webhooks: the endpoints of customers, and the messages for them."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.choices import DeliveryStatus, DisabledReason, WebhookEvent
from lib.encryption import EncryptedTextField
from lib.standard_webhooks import new_secret

#: After a change of the secret, the former one also signs for this long.
FORMER_SECRET_LASTS = timedelta(hours=24)
#: The field of `WebhookEndpoint` that subscribes to each event.
EVENT_FIELDS = {
    WebhookEvent.FINISHED: "on_finished",
    WebhookEvent.WAITING: "on_waiting",
    WebhookEvent.IMAGE_READY: "on_image_ready",
}


class Signing(models.Model):
    secret = EncryptedTextField(_("secret"), default=new_secret, editable=False)
    former_secret = EncryptedTextField(_("former secret"), blank=True, default="", editable=False)
    rotated_at = models.DateTimeField(_("secret changed"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def former_until(self) -> datetime | None:
        """Return until when the former secret also signs, None if it does not."""
        until = self.rotated_at and self.rotated_at + FORMER_SECRET_LASTS
        return until if until and self.former_secret and until > timezone.now() else None

    @property
    def valid_secrets(self) -> list[str]:
        """Return the secrets to sign with, newest first; none if the site's own key was lost."""
        return [secret for secret in (self.secret, self.former_until and self.former_secret) if secret]

    def rotate(self) -> None:
        self.former_secret, self.secret, self.rotated_at = self.secret, new_secret(), timezone.now()
        self.save(update_fields=["former_secret", "secret", "rotated_at"])


class WebhookAccount(Signing):
    """A customer's secret for batches with a webhook URL of their own."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"))

    class Meta:
        verbose_name = _("account webhook secret")
        verbose_name_plural = _("account webhook secrets")

    def __str__(self) -> str:
        return str(self.user)


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def owned_by(self, user: User) -> "WebhookEndpointQuerySet":
        return self.filter(user=user)

    def listening(self, event: WebhookEvent) -> "WebhookEndpointQuerySet":
        return self.filter(disabled_at=None, **{EVENT_FIELDS[event]: True})


class WebhookEndpoint(Signing):
    """A URL on a customer's server, and the events that it subscribes to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhook_endpoints", verbose_name=_("user")
    )
    url = models.URLField(_("URL"), max_length=500)
    on_finished = models.BooleanField(_("a batch has ended (batch.finished)"), default=True)
    on_waiting = models.BooleanField(_("a batch is on hold (batch.waiting)"), default=True)
    on_image_ready = models.BooleanField(_("an image is ready to download (image.ready)"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled"), null=True, blank=True)
    disabled_reason = models.CharField(
        _("reason for disabling"), max_length=10, choices=DisabledReason.choices, blank=True, default=""
    )

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=["user", "url"], name="address_once_per_user"),)

    def __str__(self) -> str:
        return self.url

    @property
    def events(self) -> list[str]:
        return [str(event) for event, field in EVENT_FIELDS.items() if getattr(self, field)]

    def enable(self) -> None:
        self.disabled_at, self.disabled_reason, self.failing_since = None, "", None
        self.save(update_fields=["disabled_at", "disabled_reason", "failing_since"])

    def disable(self, reason: str) -> bool:
        """Send no more messages to it; False if it was disabled before."""
        enabled = WebhookEndpoint.objects.filter(pk=self.pk, disabled_at=None)
        disabled = enabled.update(disabled_at=timezone.now(), disabled_reason=reason)
        self.refresh_from_db()
        return bool(disabled)


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def owned_by(self, user: User) -> "WebhookDeliveryQuerySet":
        return self.filter(user=user)

    def due(self, now: datetime) -> "WebhookDeliveryQuerySet":
        """Return the deliveries to attempt now, longest waiting first."""
        enabled = Q(endpoint=None) | Q(endpoint__disabled_at=None)
        return self.filter(enabled, next_attempt_at__lte=now).order_by("next_attempt_at")


def new_message_id() -> str:
    """Return a new message id. Receivers use it to ignore duplicates."""
    return f"msg_{secrets.token_hex(12)}"


class WebhookDelivery(models.Model):
    """One message for one URL. It is pending exactly while it has a time for its next attempt."""

    message_id = models.CharField(_("webhook-id"), max_length=40, unique=True, default=new_message_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("endpoint"),
        help_text=_("Blank if the URL was sent with the batch."),
    )
    url = models.URLField(_("URL"), max_length=500)
    event = models.CharField(_("event"), max_length=20, choices=WebhookEvent.choices)
    body = models.TextField(_("body"))
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True, default=timezone.now)
    attempted_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("response status"), null=True, blank=True)
    response_excerpt = models.CharField(_("start of the response"), max_length=300, blank=True)
    error = models.CharField(_("error"), max_length=20, blank=True)
    duration_seconds = models.FloatField(_("duration (seconds)"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.PENDING, next_attempt_at__isnull=False)
                | (~Q(status=DeliveryStatus.PENDING) & Q(next_attempt_at=None)),
                name="pending_has_next_attempt",
            ),
        )
        indexes = (
            models.Index(fields=["next_attempt_at"], name="delivery_next_attempt"),
            models.Index(fields=["created_at"], name="delivery_created"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"

    @property
    def target(self) -> str:
        """Return the URL of the next attempt: the endpoint's present one."""
        return self.endpoint.url if self.endpoint else self.url

    @property
    def signing(self) -> Signing:
        return self.endpoint or WebhookAccount.objects.get_or_create(user_id=self.user_id)[0]

    # Verbs: each returns False if the delivery is no longer in the state that allows it.

    def claim(self, until: datetime) -> bool:
        """Claim the next attempt: no other worker makes it before `until`."""
        seen = WebhookDelivery.objects.filter(
            pk=self.pk, attempt_count=self.attempt_count, next_attempt_at=self.next_attempt_at
        )
        now = timezone.now()
        claimed = seen.update(attempt_count=F("attempt_count") + 1, attempted_at=now, next_attempt_at=until)
        self.attempt_count += 1
        return bool(claimed)

    def settle(self, status: DeliveryStatus, next_attempt_at: datetime | None, **facts: Any) -> bool:
        """Record how the attempt ended; `facts` are further fields. False if another worker has taken over."""
        mine = WebhookDelivery.objects.filter(
            pk=self.pk, status=DeliveryStatus.PENDING, attempt_count=self.attempt_count
        )
        return bool(mine.update(status=status, next_attempt_at=next_attempt_at, **facts))

    def send_again(self) -> bool:
        """Start over with the attempts now; False if its endpoint is disabled."""
        if self.endpoint and self.endpoint.disabled_at:
            return False
        again = WebhookDelivery.objects.filter(pk=self.pk)
        return bool(again.update(status=DeliveryStatus.PENDING, next_attempt_at=timezone.now(), attempt_count=0))
