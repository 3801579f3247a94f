from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.choices import WaitReason


class Figure(models.TextChoices):
    """What is counted for each day (UTC). Money is in US cents."""

    SIGN_UPS = "sign_ups", _("Sign-ups")
    ACTIVE_CUSTOMERS = "active_customers", _("Active customers")
    SUBSCRIBERS = "subscribers", _("Subscribers")
    NEW_SUBSCRIPTIONS = "new_subscriptions", _("New subscriptions")
    ENDED_SUBSCRIPTIONS = "ended_subscriptions", _("Ended subscriptions")
    MRR_CENTS = "mrr_cents", _("Monthly recurring revenue")
    PACKS = "packs", _("Packs sold")
    PACK_CENTS = "pack_cents", _("Revenue from packs")
    REFUNDS = "refunds", _("Refunds and disputes")
    REFUNDED_CREDITS = "refunded_credits", _("Credits taken back")
    IMAGES = "images", _("Images")
    CREDITS = "credits", _("Credits used")
    COST_CENTS = "cost_cents", _("Upstream cost")
    REVENUE_CENTS = "revenue_cents", _("Image revenue")
    SECONDS = "seconds", _("Upstream calls (seconds)")
    API_REQUESTS = "api_requests", _("API requests")
    API_IMAGES = "api_images", _("API images")
    FAILURES = "failures", _("Failed prompts")
    PEAK_PER_MINUTE = "peak_per_minute", _("Peak images per minute")
    LONGEST_WAIT = "longest_wait", _("Longest wait for a first image (seconds)")
    QUEUE_DEPTH = "queue_depth", _("Peak number of waiting prompts")
    WORKERS = "workers", _("Workers")
    STORAGE_BYTES = "storage_bytes", _("Stored images")
    UNFETCHED_HOURS = "unfetched_hours", _("Oldest unsaved image (hours)")
    WEBHOOK_LAG = "webhook_lag", _("Longest webhook delay (seconds)")


class DailyFigure(models.Model):
    """One number of one day. Some are split by a label: a model, an error code, or the credits of a pack."""

    day = models.DateField(_("day"))
    # Without choices: a new figure needs no migration.
    name = models.CharField(_("figure"), max_length=30)
    label = models.CharField(_("label"), max_length=80, blank=True)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=3, default=Decimal(0))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("daily figure")
        verbose_name_plural = _("daily figures")
        constraints = (models.UniqueConstraint(fields=["day", "name", "label"], name="figure_once_per_day"),)
        permissions = (("view_dashboard", _("Can see the dashboard")),)

    def __str__(self) -> str:
        return f"{self.day} {self.name} {self.label}: {self.value}"


class Alarm(models.Model):
    """The state of something that operators must act on when it fails, and what they were mailed about it."""

    class Kind(models.TextChoices):
        NO_WORKER = "no_worker", _("No worker is running.")
        DISK = "disk", _("The disk for images is full or can’t be written.")
        LEDGER = "ledger", _("The ledger does not add up.")
        STRIPE_EVENTS = "stripe_events", _("Events from Stripe could not be booked.")
        WEBHOOKS = "webhooks", _("Messages to customers’ servers are late.")
        CLOCK = "clock", _("The clock of a worker’s machine is wrong.")

    #: A `Kind`, or the `WaitReason` for which batches are on hold.
    kind = models.CharField(_("kind"), max_length=20, primary_key=True)
    is_on = models.BooleanField(_("failing"), default=False)
    since = models.DateTimeField(_("since"), default=timezone.now)
    is_mailed = models.BooleanField(_("operators notified"), default=False)
    mailed_at = models.DateTimeField(_("last email"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")

    def __str__(self) -> str:
        return str(self.kind)

    @property
    def label(self) -> str:
        if self.kind in WaitReason:
            return gettext("Batches are on hold: %(reason)s") % {"reason": WaitReason(self.kind).label}
        return str(self.Kind(self.kind).label)
