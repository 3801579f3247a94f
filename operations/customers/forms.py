import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.credits import ledger
from billing.payments import emails, refunding
from billing.payments.amounts import decimals_of, written
from operations.customers import roles, suspension

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
    reason = forms.CharField(label=_("Reason"), max_length=255, help_text=_("We email it to the customer."))
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

    def save(self) -> list[User]:
        """Book the credits, only once if the form is sent again; email and return the users who got them."""
        amount, reason, key = (self.cleaned_data[name] for name in ("amount", "reason", "submission_key"))
        changed = [user for user in self.users if ledger.grant_by_operator(user, amount, reason, submission_key=key)]
        facts = {"credits": abs(amount), "is_added": amount > 0, "reason": reason}
        for user in changed:
            emails.send(user, "billing/email/credits_changed", **facts)
        return changed


class SuspendForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        help_text=_("We email it to the customer."),
        widget=forms.Textarea({"rows": 3}),
    )

    def save(self, user: User, actor: User) -> bool:
        """Raises `StripeError` if only the subscription could not be ended."""
        return suspension.suspend(user, actor=actor, reason=self.cleaned_data["reason"])


class _RolesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Group) -> str:
        return gettext(obj.name)


class RolesForm(forms.Form):
    groups = _RolesField(
        Group.objects.order_by("name"),
        label=_("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a role, this user is a customer like any other."),
    )

    def save(self, user: User, actor: User) -> bool:
        return roles.appoint(user, list(self.cleaned_data["groups"]), actor)


class RefundForm(forms.Form):
    payment = forms.ChoiceField(label=_("Payment"), widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label=_("Amount"),
        required=False,
        min_value=Decimal("0.001"),
        max_digits=12,
        help_text=_("Leave blank to refund the rest. Credits are removed in proportion."),
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            ("requested_by_customer", _("The customer asked for it")),
            ("duplicate", _("Paid twice")),
            ("fraudulent", _("Fraud")),
        ],
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, payments: Sequence[refunding.Payment], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payments = {payment.id: payment for payment in payments}
        self.fields["payment"].choices = list(self.payments.items())  # type: ignore[attr-defined]
        self.initial["submission_key"] = uuid.uuid4()

    def clean(self) -> None:
        """Refuse more than is left of the payment, and parts of a currency's smallest unit."""
        payment, amount = self.payments.get(self.cleaned_data.get("payment", "")), self.cleaned_data.get("amount")
        if payment is None or amount is None:
            return
        units = amount * 10 ** decimals_of(payment.currency)
        if units != int(units) or units > payment.left:
            left = written(payment.left, payment.currency)
            raise ValidationError({"amount": gettext("Enter at most %(left)s.") % {"left": left}})

    def save(self) -> str:
        """Refund at Stripe, only once if the form is sent again, and return what; raises `StripeError`."""
        data = self.cleaned_data
        payment = self.payments[data["payment"]]
        amount = payment.left if data["amount"] is None else int(data["amount"] * 10 ** decimals_of(payment.currency))
        refunding.refund(payment, amount, reason=data["reason"], key=f"refund:{data['submission_key']}")
        return written(amount, payment.currency)
