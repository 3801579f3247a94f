"""What is removed from an account when its address is verified (docs/decisions/0014)."""

from typing import Any, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import ApiKey, AuditAction, AuditEntry, User
from accounts.requests import SignedInRequest
from accounts.sessions.ending import sign_out_elsewhere, sign_out_everywhere

Records = list[dict[str, Any]]


def changes_own_address(request: HttpRequest, address: EmailAddress) -> bool:
    """Return whether the signed-in owner of the account replaces a verified address with this one."""
    others = EmailAddress.objects.filter(user_id=address.user_id, verified=True).exclude(pk=address.pk)
    return bool(request.user.pk == address.user_id and others.exists())


@transaction.atomic
def remove_other_access(request: HttpRequest, user: User) -> list[str]:
    """Remove all ways to sign in that this sign-in did not use; return what was removed."""
    records = get_authentication_records(request, user)
    removed = [
        *_remove_social_accounts(user, records),
        *_remove_authenticators(user, records),
        *("key" for key in ApiKey.objects.of(user).filter(revoked_at=None) if key.revoke(None)),
        *_remove_password(user, records),
    ]
    if request.user.pk == user.pk:
        request.user.refresh_from_db()
        sign_out_elsewhere(cast(SignedInRequest, request))
    else:
        sign_out_everywhere(user)
    if removed:
        AuditEntry.objects.record(AuditAction.OTHER_ACCESS_REMOVED, user, note=", ".join(removed)[:255])
    return removed


def _remove_social_accounts(user: User, records: Records) -> list[str]:
    used = {(record.get("provider"), record.get("uid")) for record in records}
    accounts = SocialAccount.objects.filter(user=user)
    unused = [account for account in accounts if (account.provider, account.uid) not in used]
    for account in unused:
        account.delete()
        # The name came from one of these accounts.
        user.name = ""
    return [account.provider for account in unused]


def _remove_authenticators(user: User, records: Records) -> list[str]:
    used = [record["id"] for record in records if record["method"] == "mfa"]
    unused = list(Authenticator.objects.filter(user=user).exclude(pk__in=used))
    for authenticator in unused:
        authenticator.delete()
    return [authenticator.type for authenticator in unused]


def _remove_password(user: User, records: Records) -> list[str]:
    is_unused = user.has_usable_password() and not any(record["method"] == "password" for record in records)
    if is_unused:
        user.set_unusable_password()
    # Before the first sign-in to an account, allauth lets a sign-in that waits for its code change the address.
    user.last_login = user.last_login or timezone.now()
    user.save(update_fields=["last_login", "name", "password"])
    return ["password"] if is_unused else []
