"""Records sign-ins. A busy database may lose an audit entry, but must not prevent a sign-in."""

import logging
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.utils import filter_users_by_email
from django.db import OperationalError, transaction
from django.http import HttpRequest

from accounts.models import AuditAction, AuditEntry, User

logger = logging.getLogger(__name__)


def record(action: AuditAction, user: User | None, **details: Any) -> None:
    """Record the action; a database that is busy or not available is logged instead of raised."""
    try:
        with transaction.atomic():
            AuditEntry.objects.record(action, user, **details)
    except OperationalError:
        logger.exception("%s is missing from the trail", action)


def record_about_address(action: AuditAction, address: str, **details: Any) -> None:
    """Record what an anonymous user did with an address, under the account that has it, if any."""
    user = next(iter(filter_users_by_email(address, prefer_verified=True)), None) if address else None
    record(action, user, address=address, **details)


def methods_used(request: HttpRequest, user: User) -> str:
    """Return how the user signed in, for example "password, totp"."""
    records = get_authentication_records(request, user)
    return ", ".join(used.get("provider") or used.get("type") or used["method"] for used in records)
