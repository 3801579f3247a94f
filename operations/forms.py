import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.credits import ledger

#: More is probably a typing error.
MOST_CREDITS = 100_000


class PersonForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, Any]] = {}


class NewPersonForm(forms.ModelForm):
    """Needs only an address, which the first sign-in by code verifies."""

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """Return the address as it is stored, so that `unique` ignores case."""
        return User.objects.normalize_email(self.cleaned_data["email"])

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        super().save(commit)
        user: User = self.instance
        return user


class CreditsForm(forms.Form):
    amount = forms.IntegerField(
        label=_("Credits"),
        min_value=-MOST_CREDITS,
        max_value=MOST_CREDITS,
        help_text=_("Credits per user. Use a minus sign to remove credits."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=255, help_text=_("The customer can see this."))
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, users: Sequence[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.users = users
        self.initial["submission_key"] = uuid.uuid4()

    def clean_amount(self) -> int:
        """Refuse 0, and taking more than a user has left."""
        amount: int = self.cleaned_data["amount"]
        if not amount:
            raise ValidationError(gettext("Enter the number of credits to add or remove."), code="zero")
        for user in self.users if amount < 0 else ():
            if (left := ledger.account_of(user).left) + amount < 0:
                raise ValidationError(
                    gettext("%(user)s has only %(left)s credits left."), "too_few", {"user": user, "left": left}
                )
        return amount

    def save(self) -> int:
        """Book the credits, only once if the form is sent again; return the number of users."""
        data = self.cleaned_data
        return sum(
            ledger.grant_by_operator(user, data["amount"], data["reason"], submission_key=data["submission_key"])
            for user in self.users
        )
