"""Roles of operators: groups whose permissions are listed here, and who has which.

`migrate` writes the groups, so a change here reaches every site with its next upgrade. docs/operators.md explains them.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts import emails
from accounts.models import AuditAction, AuditEntry, User

#: May do everything, also appoint operators. All other roles are listed with their permissions.
OWNER = gettext_noop("Owner")
ROLES = {
    gettext_noop("Support"): """
        accounts.view_user accounts.add_user accounts.change_user accounts.suspend_user accounts.delete_user
        accounts.view_apikey accounts.change_apikey accounts.view_keyusageday accounts.view_auditentry
        mfa.view_authenticator mfa.delete_authenticator socialaccount.view_socialaccount
        socialaccount.delete_socialaccount usersessions.view_usersession usersessions.delete_usersession
        batches.view_batch batches.change_batch batches.view_batchevent batches.view_prompt
        batches.view_webhookendpoint batches.view_webhookdelivery batches.change_webhookdelivery
        batches.view_imagemodel batches.view_modelquality
        billing.view_creditaccount billing.view_creditgrant billing.view_hold billing.view_ledgerentry
        billing.view_membership billing.view_membershipevent billing.view_delayedpayment
    """,
    gettext_noop("Finance"): """
        accounts.view_user
        billing.view_creditaccount billing.view_creditgrant billing.view_hold billing.view_ledgerentry
        billing.view_membership billing.view_membershipevent billing.view_delayedpayment
        billing.add_ledgerentry billing.change_membership djstripe.add_refund
        djstripe.view_webhookeventtrigger djstripe.change_webhookeventtrigger
        operations.view_dashboard
    """,
    gettext_noop("Content"): """
        accounts.view_user accounts.suspend_user
        batches.view_batch batches.view_batchevent batches.view_prompt
        batches.view_imagemodel batches.add_imagemodel batches.change_imagemodel batches.delete_imagemodel
        batches.view_modelquality batches.add_modelquality batches.change_modelquality batches.delete_modelquality
        batches.view_moderationcase batches.change_moderationcase
        batches.view_preset batches.add_preset batches.change_preset batches.delete_preset
        privacy.view_legalpage privacy.change_legalpage
    """,
}


def write_groups(app_config: AppConfig, **_about: Any) -> None:
    """Give the groups of the roles their permissions; called after `migrate` for each app, and works after the last."""
    if app_config != [each for each in apps.get_app_configs() if each.models_module][-1]:
        return
    every = {f"{app}.{name}": pk for pk, app, name in Permission.objects.values_list(*_KEY)}
    Group.objects.get_or_create(name=OWNER)[0].permissions.set(every.values())
    for role, names in ROLES.items():
        Group.objects.get_or_create(name=role)[0].permissions.set(every[name] for name in names.split())


_KEY = ("pk", "content_type__app_label", "codename")


def names_of(user: User) -> list[str]:
    """Return the names of an operator's roles; none for a customer."""
    if not user.is_operator:
        return []
    names = sorted(gettext(group.name) for group in user.groups.all())
    return [gettext("superuser"), *names] if user.is_superuser else names


@transaction.atomic
def appoint(user: User, groups: list[Group], actor: User) -> bool:
    """Replace the user's roles by these; return False if nothing changed."""
    is_staff = bool(groups) or user.is_superuser
    before, after = {group.name for group in user.groups.all()}, {group.name for group in groups}
    parts = list_changes("groups", before, after)
    sentences = [_("Your permissions in the admin have changed.")] if parts else []
    if is_staff != user.is_staff:
        parts.insert(0, f"{'+' if is_staff else '-'}is_staff")
        sentences.insert(0, _("You can use the admin.") if is_staff else _("You can no longer use the admin."))
    if not parts:
        return False
    User.objects.filter(pk=user.pk).update(is_staff=is_staff)
    user.groups.set(groups)
    AuditEntry.objects.record(AuditAction.ROLE_CHANGED, user, actor=actor, note="; ".join(parts))
    emails.send(user, "operations/email/roles_changed", sentences=sentences)
    return True


def list_changes(name: str, before: set[str], after: set[str]) -> list[str]:
    return [f"+{name}:{entry}" for entry in sorted(after - before)] + [
        f"-{name}:{entry}" for entry in sorted(before - after)
    ]
