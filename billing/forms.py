from datetime import date

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing import plans
from billing.credits import renewals
from billing.models import Membership
from lib.utc_days import end_of


class GiftForm(forms.ModelForm):
    """A free plan until a day; it replaces an earlier gift."""

    plan_key = forms.ChoiceField(label=_("Plan"), choices=[(plan.key, plan.name) for plan in plans.GIFTS])
    last_day = forms.DateField(
        label=_("Expiry date"), widget=AdminDateWidget, help_text=_("In UTC. The plan ends at the end of this day.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=255, help_text=_("Only operators can see this."))

    class Meta:
        model = Membership
        fields = ("user",)

    def clean_user(self) -> User:
        """Refuse a paying customer: they would have two plans and pay for one."""
        user: User = self.cleaned_data["user"]
        if Membership.objects.live().filter(user=user, source=Membership.Source.STRIPE).exists():
            raise ValidationError(
                gettext("%(user)s pays for a plan. Change it in Stripe or give credits."), "subscribed", {"user": user}
            )
        return user

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        if last_day < timezone.now().date():
            raise ValidationError(gettext("Enter a date in the future."), "over")
        return last_day

    def validate_unique(self) -> None:
        """Accept a user who has a membership: giving a plan changes it."""

    def give(self, operator: User) -> Membership:
        terms = self.cleaned_data
        until = end_of(terms["last_day"])
        plan = plans.by_key(terms["plan_key"])
        return renewals.give_plan(terms["user"], plan, until, actor=operator, reason=terms["reason"])
