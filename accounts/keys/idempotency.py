"""Idempotency keys: a program that got no answer asks again, and what it asked for is done once.

The row is stored before the act, so that after a crash the same `token` goes with the second try.
"""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ApiKey, IdempotentRequest

#: How long an answer is kept.
KEPT = timedelta(hours=24)
#: A request that has not ended by then never will; the web server stops it earlier.
UNDER_WAY = timedelta(seconds=90)


class OtherRequest(Exception):
    """The key was used for another request."""


class UnderWay(Exception):
    """The first request with this key has not been answered yet."""

    #: After which to ask again: nearly every request has ended by then.
    seconds = 2


def begin(api_key: ApiKey, name: str, request: bytes) -> IdempotentRequest:
    """Return the row of this request: with `status` it was answered before, without one it is to be done now.

    `request` is all that makes it the same request. Raises `OtherRequest` and `UnderWay`.
    """
    now, fingerprint = timezone.now(), _sha256(request)
    fresh = {"fingerprint": fingerprint, "created_at": now, "locked_until": now + UNDER_WAY}
    row, is_new = IdempotentRequest.objects.get_or_create(
        api_key=api_key, name_sha256=_sha256(name.encode(errors="surrogateescape")), defaults=fresh
    )
    if is_new:
        return row
    if row.created_at < now - KEPT:
        return _take(row, token=uuid.uuid4(), status=None, answer=None, **fresh)
    if row.fingerprint != fingerprint:
        raise OtherRequest
    if row.status is not None:
        return row
    if row.locked_until > now:
        raise UnderWay
    return _take(row, locked_until=now + UNDER_WAY)


def finish(row: IdempotentRequest, status: int, answer: Any) -> None:
    """Keep the answer."""
    IdempotentRequest.objects.filter(pk=row.pk).update(status=status, answer=answer)


def give_up(row: IdempotentRequest) -> None:
    """Forget a request that was refused: nothing was done, and the next try may be allowed."""
    IdempotentRequest.objects.filter(pk=row.pk).delete()


def unlock(row: IdempotentRequest) -> None:
    """Let the next try begin at once, with the same token: nobody knows what was done."""
    IdempotentRequest.objects.filter(pk=row.pk).update(locked_until=timezone.now())


def forget_old() -> int:
    """Delete the answers that are no longer kept; return how many."""
    deleted, _ = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted


def _take(row: IdempotentRequest, **changes: Any) -> IdempotentRequest:
    """Begin the request again, unless another one has done so at this moment."""
    seen: datetime = row.locked_until
    if not IdempotentRequest.objects.filter(pk=row.pk, locked_until=seen).update(**changes):
        raise UnderWay
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
