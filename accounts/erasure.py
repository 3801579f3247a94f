"""Deletes an account's data in this app. The user's row stays without a name, because the ledger needs it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from accounts.models import ApiKey, AuditEntry, User
from accounts.sessions.ending import sign_out_everywhere


def revoke_keys(user: User, actor: User | None) -> None:
    for key in ApiKey.objects.of(user).filter(revoked_at=None):
        key.revoke(actor)


@transaction.atomic
def anonymise(user: User) -> None:
    """Delete how the user signed in, their keys and their trail, and free their address for a new account."""
    addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    sign_out_everywhere(user)
    models: tuple[Any, ...] = (ApiKey, Authenticator, EmailAddress, SocialAccount)
    for model in models:
        model.objects.filter(user=user).delete()
    AuditEntry.objects.filter(Q(user=user) | Q(user=None, address__in=addresses)).delete()
    _blank_admin_log(user, addresses)
    user.groups.clear()
    user.user_permissions.clear()
    user.email, user.name = f"{user.public_id}@erased.invalid", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()


def _blank_admin_log(user: User, addresses: set[str]) -> None:
    """Remove the user's addresses from the admin log, which describes most objects by their owner's address."""
    about_user = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    LogEntry.objects.filter(about_user).update(object_repr="", change_message="")
    for address in addresses:
        LogEntry.objects.filter(object_repr__contains=address).update(object_repr="")
