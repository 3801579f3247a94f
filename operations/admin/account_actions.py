"""Actions of operators on one account. Each has a page or a button, and a permission of its own."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import admin as auth_admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import emails
from accounts.mfa import enrolment
from accounts.models import AuditAction, AuditEntry, User
from accounts.sessions.ending import sign_out_everywhere
from billing.payments import refunding
from operations.customers import suspension
from operations.customers.forms import RefundForm, RolesForm, SuspendForm
from operations.customers.plan import PlanForm
from privacy import deletion

CHANGE, SUSPEND, CLOSE = "accounts.change_user", "accounts.suspend_user", "accounts.delete_user"
APPOINT, REFUND = User.APPOINT, "djstripe.add_refund"
CHANGE_PLAN = "billing.change_membership"


class AccountActionsAdmin(auth_admin.UserAdmin):
    def get_urls(self) -> list[URLPattern]:
        views = {
            "password-reset": self.password_reset_view,
            "sign-out": self.sign_out_view,
            "suspend": self.suspend_view,
            "lift": self.lift_view,
            "close": self.close_view,
            "keep": self.keep_view,
            "roles": self.roles_view,
            "invitation": self.invitation_view,
            "plan": self.plan_view,
            "refund": self.refund_view,
        }
        pages = [
            path(f"<int:id>/{name}/", self.admin_site.admin_view(view), name=f"accounts_user_{name.replace('-', '_')}")
            for name, view in views.items()
        ]
        return [*pages, *super().get_urls()]

    def _account(self, request: Any, id: int, permission: str, *, posted: bool = False) -> User:
        """Return the account to act on; raises `PermissionDenied` if this operator may not, or a POST is needed."""
        user: User | None = self.get_object(request, str(id))
        may = user and request.user.has_perm(permission) and user.may_be_changed_by(request.user)
        if user is None or not may or user.erased_at or (posted and request.method != "POST"):
            raise PermissionDenied
        return user

    def _page(self, request: Any, form: forms.Form, user: User, title: str | Promise, **texts: Any) -> HttpResponse:
        """Show the form of an action. `about` explains what will happen; `button` is the label of the button."""
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "form": form}
        return TemplateResponse(request, "admin/accounts/user/action.html", {**context, "users": [user], **texts})

    def _done(self, request: HttpRequest, user: User, text: str, level: int = messages.SUCCESS) -> HttpResponse:
        self.message_user(request, text, level)
        return redirect("admin:accounts_user_change", user.pk)

    def _mail(self, user: User, template: str, **context: Any) -> None:
        emails.send(user, f"operations/email/{template}", **context)

    # Signing in

    def password_reset_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, CHANGE, posted=True)
        AuditEntry.objects.record(AuditAction.PASSWORD_RESET_MAILED, user, actor=request.user)
        self._mail(user, "password_reset", url=settings.SITE_URL + reverse("account_reset_password"))
        return self._done(request, user, gettext("We’ve emailed a link to %(user)s.") % {"user": user})

    def sign_out_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, CHANGE, posted=True)
        sign_out_everywhere(user)
        AuditEntry.objects.record(AuditAction.SESSION_ENDED, user, actor=request.user, note="all")
        self._mail(user, "sign_in_removed", names=[_("All sessions")])
        return self._done(request, user, gettext("The user %(user)s is signed out of all browsers.") % {"user": user})

    def user_change_password(self, request: Any, id: str, form_url: str = "") -> HttpResponse:
        """Let an owner set another operator's password; customers get a reset mail and choose their own."""
        user = self.get_object(request, unquote(id))
        if user and not self._may_set_password(request, user):
            raise PermissionDenied
        if user == request.user:
            return redirect("account_change_password")
        response = super().user_change_password(request, id, form_url)
        if user and not User.objects.filter(pk=user.pk, password=user.password).exists():
            AuditEntry.objects.record(AuditAction.PASSWORD_CHANGED, user, actor=request.user)
            self._mail(user, "password_changed")
        return response

    def _may_set_password(self, request: Any, user: User) -> bool:
        may = request.user.has_perm(APPOINT) and user.may_be_changed_by(request.user)
        return may and user.is_operator

    # Suspending

    def suspend_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, SUSPEND)
        if user == request.user:
            raise PermissionDenied
        form = SuspendForm(request.POST or None)
        if not form.is_valid():
            about = gettext(
                "The customer is signed out and can’t sign in, API keys stop working, and batches are paused. "
                "A subscription ends with the period that is paid. You can lift the suspension at any time."
            )
            return self._page(request, form, user, _("Suspend"), about=about, button=_("Suspend"))
        try:
            form.save(user, request.user)
        except refunding.StripeError as error:
            text = gettext("The account is suspended, but its subscription continues. Cancel it in Stripe: %(error)s")
            return self._done(request, user, text % {"error": error.sentence}, messages.ERROR)
        return self._done(request, user, gettext("The account of %(user)s is suspended.") % {"user": user})

    def lift_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, SUSPEND, posted=True)
        try:
            suspension.lift(user, actor=request.user)
        except refunding.StripeError as error:
            text = gettext("The account works again, but its subscription still ends. Resume it in Stripe: %(error)s")
            return self._done(request, user, text % {"error": error.sentence}, messages.ERROR)
        return self._done(request, user, gettext("The account of %(user)s works again.") % {"user": user})

    # Closing

    def close_view(self, request: Any, id: int) -> HttpResponse:
        """Delete the account after the days in which the customer can undo it. Operators lose their roles before."""
        user = self._account(request, id, CLOSE)
        if user.is_staff:
            raise PermissionDenied
        form = forms.Form(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            about = ngettext(
                "Batches are cancelled, API keys revoked and sessions ended at once; a subscription is not renewed. "
                "After %(days)s day everything is deleted. Until then you or the customer can undo it.",
                "Batches are cancelled, API keys revoked and sessions ended at once; a subscription is not renewed. "
                "After %(days)s days everything is deleted. Until then you or the customer can undo it.",
                settings.ACCOUNT_DELETION_DAYS,
            ) % {"days": settings.ACCOUNT_DELETION_DAYS}
            return self._page(request, form, user, _("Close account"), about=about, button=_("Close account"))
        deletion.request(user, request.user)
        return self._done(request, user, gettext("The account of %(user)s is closed.") % {"user": user})

    def keep_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, CLOSE, posted=True)
        deletion.undo(user, request.user)
        return self._done(request, user, gettext("The account of %(user)s works again.") % {"user": user})

    # Operators

    def roles_view(self, request: Any, id: int) -> HttpResponse:
        """Nobody changes their own roles, so that the last owner cannot leave by mistake."""
        user = self._account(request, id, APPOINT)
        if user == request.user:
            raise PermissionDenied
        form = RolesForm(request.POST if request.method == "POST" else None, initial={"groups": user.groups.all()})
        if not form.is_valid():
            about = gettext("The user is emailed about the change, and needs two-factor authentication for the admin.")
            return self._page(request, form, user, _("Roles"), about=about, button=_("Save"))
        form.save(user, request.user)
        return self._done(request, user, gettext("The roles of %(user)s are saved.") % {"user": user})

    def invitation_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, APPOINT, posted=True)
        try:
            self._mail(user, "invitation", url=enrolment.invite(user, actor=request.user))
        except enrolment.NotInvitable:
            text = gettext("%(user)s already uses two-factor authentication or isn’t an operator.") % {"user": user}
            return self._done(request, user, text, messages.ERROR)
        return self._done(request, user, gettext("We’ve emailed a link to %(user)s.") % {"user": user})

    # Money

    def plan_view(self, request: Any, id: int) -> HttpResponse:
        user = self._account(request, id, CHANGE_PLAN)
        if not user.is_active or user.delete_at:
            # Their subscription ends because of that.
            raise PermissionDenied
        form = PlanForm(user, request.POST or None)
        if not form.is_valid():
            return self._page(request, form, user, _("Change plan"), about=form.about, button=_("Change plan"))
        try:
            form.save(request.user)
        except refunding.StripeError as error:
            return self._done(request, user, error.sentence, messages.ERROR)
        self.log_change(request, user, f"plan {form.summary}: {form.cleaned_data['reason']}")
        return self._done(request, user, gettext("The plan of %(user)s is changed.") % {"user": user})

    def refund_view(self, request: Any, id: int) -> HttpResponse:
        user: User | None = self.get_object(request, str(id))
        if user is None or not request.user.has_perm(REFUND):
            raise PermissionDenied
        try:
            form = RefundForm(refunding.refundable_payments(user), request.POST or None)
            if form.is_valid():
                refunded = form.save()
                self.log_change(request, user, f"refund of {refunded}: {form.cleaned_data['reason']}")
                text = gettext("%(amount)s refunded. The credits are removed when Stripe confirms it.")
                return self._done(request, user, text % {"amount": refunded})
        except refunding.StripeError as error:
            return self._done(request, user, error.sentence, messages.ERROR)
        about = gettext("Disputed payments are not listed: the customer’s bank decides about them.")
        if not form.payments:
            about = gettext("There is no payment that can be refunded.") + f" {about}"
            return self._page(request, forms.Form(), user, _("Refund a payment"), about=about)
        return self._page(request, form, user, _("Refund a payment"), about=about, button=_("Refund a payment"))
