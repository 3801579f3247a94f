import unicodedata
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from lib.utc_days import end_of

#: Users who want a longer time can leave the date empty.
MAX_DAYS = 3_650
MAX_CREDITS = 10_000_000
_UNSEEN = {"Cc", "Cf", "Cs", "Co"}
# These are part of emoji and some scripts.
_JOINERS = "\u200c\u200d"


def today() -> date:
    return datetime.now(UTC).date()


class KeyNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("For example, the program or computer that will use it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        """Reject invisible characters, and those that change how other text is displayed."""
        name: str = self.cleaned_data["name"]
        if any(unicodedata.category(sign) in _UNSEEN and sign not in _JOINERS for sign in name):
            raise forms.ValidationError(gettext("The name must be a single line of visible characters."), "unseen")
        return name


class KeyForm(KeyNameForm):
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        widget=forms.CheckboxSelectMultiple,
        initial=list(api_keys.DEFAULT_SCOPES),
        error_messages={"required": _("Select at least one permission.")},
    )
    last_day = forms.DateField(
        label=_("Expiry date"),
        required=False,
        input_formats=["%Y-%m-%d"],
        help_text=_("The key stops working at the end of this day (UTC). Leave empty if it shouldn’t expire."),
    )
    monthly_credit_limit = forms.IntegerField(
        label=_("Credits per month"),
        required=False,
        min_value=1,
        max_value=MAX_CREDITS,
        help_text=_("The most this key can use in a calendar month (UTC). Leave empty for no limit."),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, may_take_payments: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.initial.setdefault("submission_key", uuid.uuid4())
        scopes = [each for each in ApiKey.Scope if each != ApiKey.Scope.BILLING or may_take_payments]
        self.fields["scopes"].choices = [(each.value, each.label) for each in scopes]  # type: ignore[attr-defined]
        days = {"type": "date", "min": today().isoformat(), "max": _latest_day().isoformat()}
        self.fields["last_day"].widget = forms.DateInput(attrs=days, format="%Y-%m-%d")

    def clean_last_day(self) -> date | None:
        last_day: date | None = self.cleaned_data["last_day"]
        if last_day and last_day < today():
            raise forms.ValidationError(gettext("Enter a date in the future."), "over")
        if last_day and last_day > _latest_day():
            raise forms.ValidationError(gettext("Enter a date within the next ten years, or leave empty."), "far")
        return last_day

    def create(self) -> tuple[ApiKey, str] | None:
        """Create the key and return it with its text, or add an error to the form and return None."""
        terms = self.cleaned_data
        last_day = terms["last_day"]
        try:
            return api_keys.create_once(
                self.user,
                terms["submission_key"],
                terms["name"],
                terms["scopes"],
                expires_at=last_day and end_of(last_day),
                monthly_credit_limit=terms["monthly_credit_limit"],
            )
        except api_keys.MadeBefore:
            self.add_error(None, gettext("This form has already created a key. Keys are only shown once."))
        except api_keys.TooManyKeys:
            sentence = gettext("You have %(count)s active keys, which is the limit. Revoke one first.")
            self.add_error(None, sentence % {"count": api_keys.MAX_KEYS})
        return None


def _latest_day() -> date:
    return today() + timedelta(days=MAX_DAYS)
