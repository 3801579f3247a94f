"""Memberships: which plan a customer has, who pays, and until when. Every change is a verb here and adds an event."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing import plans
from billing.months import LONGEST_MONTH

#: A plan may be used this long after its paid period while we wait for the renewal's event:
#: Stripe finalises the invoice an hour after the period, and retries webhooks for three days.
LEEWAY = timedelta(days=3)
#: What a plan has only in some cases.
_NO_TERMS: dict[str, Any] = {
    "cancel_at": None,
    "next_plan_key": "",
    "grace_until": None,
    "stripe_subscription": "",
    "other_subscriptions": "",
}


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self) -> "MembershipQuerySet":
        return self.exclude(status=Membership.Status.ENDED)

    def current(self, user: User | int, now: datetime) -> "Membership | None":
        membership = self.live().filter(user=user).first()
        return membership if membership and membership.is_current(now) else None

    @transaction.atomic
    def activate(
        self, user: User, plan_key: str, *, actor: User | None = None, reason: str = "", **terms: Any
    ) -> "Membership":
        """Give the user a plan from now on, replacing any earlier one. The same terms again change nothing.

        `terms` are further fields; those that are missing are reset. `actor` is the operator who gives the plan, None
        when it is paid.
        """
        state = Membership.Status.ENDING if terms.get("cancel_at") else Membership.Status.ACTIVE
        if terms.get("grace_until"):
            state = Membership.Status.PAST_DUE
        terms = {**_NO_TERMS, "plan_key": plan_key, **terms}
        membership, is_new = self.get_or_create(user=user, defaults={**terms, "status": state})
        if is_new:
            membership.note(actor, "", reason)
        else:
            membership._move(tuple(Membership.Status), state, actor=actor, reason=reason, **terms)
        return membership


class Membership(models.Model):
    """The plan of one customer. A customer without a row, or with an ended one, has none."""

    class Source(models.TextChoices):
        STRIPE = "stripe", _("Subscription")
        OPERATOR = "operator", _("Granted by an operator")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Payment failed")
        ENDING = "ending", _("Ends soon")
        ENDED = "ended", _("Ended")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership", verbose_name=_("user")
    )
    plan_key = models.CharField(_("plan"), max_length=30)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    period_start = models.DateTimeField(_("period start"))
    period_end = models.DateTimeField(_("period end"))
    cancel_at = models.DateTimeField(_("ends"), null=True, blank=True, help_text=_("Blank if the plan renews."))
    next_plan_key = models.CharField(
        _("next plan"), max_length=30, blank=True, help_text=_("From the next period. Blank if unchanged.")
    )
    grace_until = models.DateTimeField(_("grace period until"), null=True, blank=True)
    stripe_subscription = models.CharField(_("Stripe subscription"), max_length=255, blank=True, db_index=True)
    other_subscriptions = models.CharField(
        _("other Stripe subscriptions"),
        max_length=255,
        blank=True,
        help_text=_("The customer also pays for these. Cancel all but one in Stripe."),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.user}: {self.plan.name}"

    # Reads

    @property
    def plan(self) -> plans.Plan:
        return plans.by_key(self.plan_key)

    @property
    def next_plan(self) -> plans.Plan | None:
        return plans.by_key(self.next_plan_key) if self.next_plan_key else None

    @property
    def is_stripe(self) -> bool:
        return self.source == self.Source.STRIPE

    @property
    def is_yearly(self) -> bool:
        # A month may have 31 days: 28 February to 31 March, for a subscription begun on a 31st.
        return self.is_stripe and self.period_end - self.period_start > 2 * LONGEST_MONTH

    def is_current(self, now: datetime) -> bool:
        """Return whether the plan may be used at `now`, including the grace period after a failed payment."""
        if self.status == self.Status.ENDED or (self.cancel_at and self.cancel_at <= now):
            return False
        if self.status == self.Status.PAST_DUE and self.grace_until:
            return now < self.grace_until
        return not self.is_stripe or now < self.period_end + LEEWAY

    @property
    def has_months(self) -> bool:
        """Return whether the plan brings credits each month; one that is no longer sold still does if it is paid."""
        return self.is_stripe or self.plan.credits_per_month > 0

    @property
    def is_in_grace(self) -> bool:
        return self.status == self.Status.PAST_DUE and self.is_current(timezone.now())

    # Verbs: each returns False if nothing changed.

    def mark_past_due(self, grace_until: datetime) -> bool:
        """Record a failed payment. The plan may be used until `grace_until`; later failures do not extend it."""
        return self._move((self.Status.ACTIVE, self.Status.ENDING), self.Status.PAST_DUE, grace_until=grace_until)

    def end(self, *, actor: User | None = None, reason: str = "") -> bool:
        return self._move(_LIVE, self.Status.ENDED, actor=actor, reason=reason, grace_until=None)

    @transaction.atomic
    def _move(
        self,
        allowed: tuple[str, ...],
        to_status: str,
        *,
        actor: User | None = None,
        reason: str = "",
        **terms: Any,
    ) -> bool:
        self.refresh_from_db(from_queryset=Membership.objects.select_for_update())
        before = self.status
        changes = {"status": to_status, **terms}
        if before not in allowed or all(getattr(self, name) == value for name, value in changes.items()):
            return False
        Membership.objects.filter(pk=self.pk).update(**changes)
        for name, value in changes.items():
            setattr(self, name, value)
        self.note(actor, before, reason)
        return True

    def note(self, actor: User | None, from_status: str, reason: str) -> None:
        MembershipEvent.objects.create(
            membership=self,
            actor=actor,
            from_status=from_status,
            to_status=self.status,
            plan_key=self.plan_key,
            period_end=self.period_end,
            reason=reason[:255],
        )


_LIVE = (Membership.Status.ACTIVE, Membership.Status.PAST_DUE, Membership.Status.ENDING)


class MembershipEvent(models.Model):
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="events", verbose_name=_("membership"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Blank if Stripe or a periodic job made the change."),
    )
    from_status = models.CharField(_("old status"), max_length=10, blank=True)
    to_status = models.CharField(_("new status"), max_length=10)
    plan_key = models.CharField(_("plan"), max_length=30)
    period_end = models.DateTimeField(_("period end"))
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership event")
        verbose_name_plural = _("membership events")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.from_status or '·'} → {self.to_status} {self.plan_key}"

    def label(self, status: str) -> str:
        return str(dict(Membership.Status.choices).get(status, status))
