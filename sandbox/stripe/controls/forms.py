"""The forms of the controls: for people on the control page, for programs as JSON."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sandbox.stripe.billing.subscriptions import AFTER_LAST_ATTEMPT
from sandbox.stripe.events.deliveries import MOST_WORKERS, Manner
from sandbox.stripe.payments.payment_methods import CARDS
from sandbox.stripe.stand_in import STRIPE

PORTAL_FLAGS = ("cancel_at", "cancel_at_period_end")
MOST_SECONDS = 3600


class ControlForm(forms.Form):
    """A form that refuses unknown fields, so that a typo in a test is noticed."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in sorted(set(self.data) - set(self.fields) - {"csrfmiddlewaretoken"}):
            self.add_error(None, _("Unknown setting: %(name)s") % {"name": name})
        return cleaned


class BehaviourForm(ControlForm):
    """Settings of the account, and errors for the next requests."""

    after_last_attempt = forms.ChoiceField(
        label=_("After the last failed attempt"), choices=[(name, name) for name in AFTER_LAST_ATTEMPT]
    )
    portal_cancels_with = forms.ChoiceField(
        label=_("The portal cancels with"), choices=[(name, name) for name in PORTAL_FLAGS]
    )
    limits_to_one_subscription = forms.BooleanField(label=_("Limit customers to one subscription"), required=False)
    finalizes_at_once = forms.BooleanField(label=_("Charge renewals at once, not after an hour"), required=False)
    delay_seconds = forms.FloatField(label=_("Response time in seconds"), min_value=0, max_value=MOST_SECONDS)
    fail_status = forms.IntegerField(label=_("Status of failing requests"), min_value=400, max_value=599)
    fail_count = forms.IntegerField(label=_("Number of requests that fail"), min_value=0, max_value=1_000_000)
    fail_path = forms.CharField(label=_("Only paths that begin with"))

    @classmethod
    def with_changes(cls, changes: dict[str, Any]) -> "BehaviourForm":
        """The current settings with some changes."""
        return cls({**asdict(STRIPE.behaviour), **changes})

    def save(self) -> dict[str, Any]:
        return asdict(STRIPE.behave(**self.cleaned_data))


class MannerForm(ControlForm):
    withhold = forms.BooleanField(label=_("Hold back all events"), required=False)
    shuffle = forms.BooleanField(label=_("In random order"), required=False)
    copies = forms.IntegerField(label=_("Copies of each event"), min_value=1, max_value=20)
    delay_seconds = forms.FloatField(label=_("Delay in seconds"), min_value=0, max_value=MOST_SECONDS)
    workers = forms.IntegerField(label=_("Parallel deliveries"), min_value=1, max_value=MOST_WORKERS)
    retry_seconds = forms.FloatField(label=_("Seconds until the first retry"), min_value=0.01, max_value=MOST_SECONDS)
    max_attempts = forms.IntegerField(label=_("Maximum attempts"), min_value=1, max_value=100)

    @classmethod
    def with_changes(cls, changes: dict[str, Any]) -> "MannerForm":
        """The current settings with some changes."""
        return cls({**asdict(STRIPE.deliveries.manner), **changes})

    def save(self) -> Manner:
        return STRIPE.deliveries.behave(**self.cleaned_data)


class ClockForm(ControlForm):
    """How far the clock moves, or to which Unix time."""

    months = forms.IntegerField(label=_("Months"), min_value=0, max_value=60, required=False)
    days = forms.FloatField(label=_("Days"), min_value=0, max_value=2000, required=False)
    seconds = forms.IntegerField(min_value=0, max_value=200_000_000, required=False)
    to = forms.IntegerField(min_value=0, max_value=10_000_000_000, required=False)

    def save(self) -> int:
        """Move the clock, and give the time that it shows then."""
        given = self.cleaned_data
        moment = given["to"] or STRIPE.moment_after(given["months"] or 0, given["days"] or 0, given["seconds"] or 0)
        STRIPE.advance(moment)
        return STRIPE.clock.now()


class CardForm(ControlForm):
    card = forms.ChoiceField(label=_("Card"), choices=[(name, name) for name in CARDS])


class CheckoutCardForm(ControlForm):
    """A test card for a payment page; empty for a trial that needs none."""

    card = forms.ChoiceField(choices=[("", ""), *((name, name) for name in CARDS)], required=False)


class WebhookForm(ControlForm):
    """Where events go, and what signs them."""

    url = forms.URLField(label=_("URL"), assume_scheme="http")
    secret = forms.CharField(label=_("Signing secret"))
    events = forms.JSONField(required=False)


class OutcomeForm(ControlForm):
    """Whether something that was open ended well."""

    succeeded = forms.BooleanField(required=False)


class DisputeForm(ControlForm):
    """What a bank contests, and why."""

    amount = forms.IntegerField(min_value=1, required=False)
    reason = forms.CharField(required=False)


class ReplayForm(ControlForm):
    """Which events are delivered again: ids, or all, or all of one type; and how often each."""

    events = forms.JSONField(required=False)
    type = forms.CharField(required=False)
    copies = forms.IntegerField(min_value=1, max_value=20, required=False)


class ForgeForm(ControlForm):
    """A delivery that Stripe never made. Everything but `type` and `object` has a value that is right."""

    type = forms.CharField()
    object = forms.JSONField()
    secret = forms.CharField(required=False)
    age_seconds = forms.IntegerField(required=False)
    livemode = forms.BooleanField(required=False)
    signature = forms.CharField(required=False)
    event = forms.CharField(required=False)
    padding_bytes = forms.IntegerField(required=False, min_value=0, max_value=50_000_000)


class DrainForm(ControlForm):
    """How long to wait until nothing is on its way."""

    seconds = forms.FloatField(min_value=0, max_value=600, initial=10)
