"""Idempotency keys: a program that got no response sends its request again, and it is done only once.

The row is saved before the work, so that after a crash the second try has the same `token`.
"""

import hashlib
import uuid
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiKey, IdempotentRequest

#: How long a response is stored.
LIFETIME = timedelta(hours=24)
#: Every request has finished by then, even if the moderations API takes long to check a photo. Otherwise its process
#: has probably crashed, and a retry is done with the same `token`.
UNDER_WAY = timedelta(seconds=30)


class OtherRequest(Exception):
    """The key was used for a different request."""


class UnderWay(Exception):
    """The first request with this key is not finished."""

    #: For `Retry-After`: nearly every request has finished by then.
    seconds = 2


def begin(api_key: ApiKey, name: str, request: bytes) -> IdempotentRequest:
    """Return the row of this request. If `status` is set, it was answered before. Otherwise do it now.

    Requests are the same if `request` is the same. Raises `OtherRequest` and `UnderWay`.
    """
    now, fingerprint = timezone.now(), _sha256(request)
    fresh = {"fingerprint": fingerprint, "created_at": now, "locked_until": now + UNDER_WAY}
    row, is_new = IdempotentRequest.objects.get_or_create(
        api_key=api_key, name_sha256=_sha256(name.encode(errors="surrogateescape")), defaults=fresh
    )
    if is_new:
        return row
    if row.created_at < now - LIFETIME:
        return _take(row, token=uuid.uuid4(), status=None, answer=None, **fresh)
    if row.fingerprint != fingerprint:
        raise OtherRequest
    if row.status is not None:
        return row
    if row.locked_until > now:
        raise UnderWay
    return _take(row, locked_until=now + UNDER_WAY)


def finish(row: IdempotentRequest, status: int, answer: Any) -> None:
    """Store the response. Raises `UnderWay` if this request took so long that a retry has taken over."""
    if not _locked(row).update(status=status, answer=answer):
        raise UnderWay


def give_up(row: IdempotentRequest) -> None:
    """Delete a request that was refused: nothing was done, and the next try may succeed."""
    _locked(row).delete()


def unlock(row: IdempotentRequest) -> None:
    """Allow the next try at once, with the same token."""
    _locked(row).update(locked_until=timezone.now())


def delete_expired() -> int:
    deleted, _ = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - LIFETIME).delete()
    return deleted


def _take(row: IdempotentRequest, **changes: Any) -> IdempotentRequest:
    """Lock the row again, unless another request has just done so."""
    if not _locked(row).update(**changes):
        raise UnderWay
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def _locked(row: IdempotentRequest) -> QuerySet[IdempotentRequest]:
    """Return the row unless another request has locked it since."""
    return IdempotentRequest.objects.filter(pk=row.pk, locked_until=row.locked_until)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
