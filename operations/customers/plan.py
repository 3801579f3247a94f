"""Changing a customer's plan by hand: at Stripe for those who pay, as a gift for all others."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditAction, AuditEntry, User
from billing import plans
from billing.credits import renewals
from billing.models import Membership
from billing.payments import emails, plan_changes
from lib.utc_days import end_of

#: At Stripe, in the metadata of subscriptions that an operator has ended.
_MARK = "ended_by_operator"


class PlanForm(forms.Form):
    plan_key = forms.ChoiceField(label=_("Plan"), widget=forms.RadioSelect)
    last_day = forms.DateField(
        label=_("Expiry date"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("In UTC. The plan ends at the end of this day."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=255, help_text=_("Only operators can see this."))

    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(*args)
        self.user = user
        self.membership = Membership.objects.live().filter(user=user).first()
        self.before = self.membership.plan if self.membership else plans.FREE
        self.paid = self.membership if self.membership and self.membership.is_stripe else None
        self.initial["plan_key"] = self.before.key
        self.fields["plan_key"].choices = list(self._choices())  # type: ignore[attr-defined]
        if self.paid:
            del self.fields["last_day"]

    def _choices(self) -> Any:
        if self.paid:
            period = gettext("a year") if self.paid.is_yearly else gettext("a month")
            for plan in plans.PLANS:
                price = plan.yearly.price if self.paid.is_yearly else plan.price
                yield plan.key, f"{plan.name}: {price} {period}"
            yield plans.FREE.key, _("Free, when the paid period ends")
            return
        yield from ((plan.key, plan.name) for plan in plans.GIFTS)
        if self.membership:
            yield plans.FREE.key, _("Free, now")

    @property
    def about(self) -> str:
        """Return what will happen, above all at Stripe."""
        if self.paid is None:
            return gettext(
                "%(user)s has no paid plan. The plan is a gift with its credits each month: nothing changes in Stripe, "
                "and nothing is charged. The customer is emailed. If the customer buys a subscription, it replaces the "
                "gift."
            ) % {"user": self.user}
        facts = {
            "user": self.user,
            "plan": self.before.name,
            "date": date_format(self.paid.period_end, "SHORT_DATE_FORMAT"),
        }
        text = gettext(
            "%(user)s pays for %(plan)s in Stripe. The subscription is changed there right away, and the customer is "
            "emailed. A more expensive plan: the rest of the period is charged now, and nothing changes if the card is "
            "declined. A cheaper plan: it applies now, nothing is refunded, its price is charged from %(date)s on, and "
            "a change back is charged again. Free: the subscription ends on %(date)s, and the plan can be used until "
            "then."
        )
        if self.paid.cancel_at:
            text += " " + gettext("At present it ends on %(date)s. Choose a plan to renew it.")
        return text % facts

    def clean_last_day(self) -> date | None:
        last_day: date | None = self.cleaned_data["last_day"]
        if last_day and last_day < timezone.localdate():
            raise ValidationError(gettext("Enter a date in the future."), code="over")
        return last_day

    def clean(self) -> None:
        """Refuse what would change nothing, and a gift without an end."""
        chosen = self.cleaned_data.get("plan_key")
        if self.paid and self.paid.cancel_at and chosen == plans.FREE.key:
            self.add_error("plan_key", gettext("The subscription already ends."))
        if self.paid and chosen == self.before.key and not (self.paid.cancel_at or self.paid.next_plan_key):
            self.add_error("plan_key", gettext("The customer already has this plan."))
        is_endless = "last_day" not in self.errors and not self.cleaned_data.get("last_day")
        if not self.paid and chosen != plans.FREE.key and is_endless:
            self.add_error("last_day", self.fields["last_day"].error_messages["required"])

    @property
    def summary(self) -> str:
        return f"{self.before.name} → {plans.by_key(self.cleaned_data['plan_key']).name}"

    def save(self, actor: User) -> None:
        """Change the plan. Raises `StripeError`. Do not use it inside a transaction."""
        plan, reason = plans.by_key(self.cleaned_data["plan_key"]), self.cleaned_data["reason"]
        if self.paid:
            if plan == plans.FREE:
                plan_changes.end_with_period(self.user, _MARK)
            else:
                plan_changes.change_paid_plan(self.paid, plan)
            self.paid.refresh_from_db()
            self.paid.note(actor, self.paid.status, reason)
        elif self.membership and plan == plans.FREE:
            self.membership.end(actor=actor, reason=reason)
            emails.send(self.user, "billing/email/subscription_ended", plan=self.before.name)
        else:
            last_day = self.cleaned_data["last_day"]
            renewals.give_plan(self.user, plan, end_of(last_day), actor=actor, reason=reason)
            emails.send(self.user, "billing/email/plan_given", plan=plan.name, last_day=last_day)
        # The customer sees it under Recent activity.
        with translation.override(self.user.language):
            AuditEntry.objects.record(AuditAction.PLAN_CHANGED, self.user, actor=actor, note=self.summary)
