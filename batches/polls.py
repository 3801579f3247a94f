"""The poll without news: every open tab sends one each few seconds, so it costs one small statement."""

import uuid
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from accounts.sessions import claimed_user, proves
from accounts.statements import CompiledQuery, Parameter
from batches.models import Batch
from batches.progress import short_answer

_BATCH_AND_OWNER = CompiledQuery(
    lambda: (
        Batch.objects.owned_by(Parameter("user", User._meta.pk))
        .filter(pk=Parameter("batch", Batch._meta.pk), user__is_active=True)
        .values_list("revision", "status", "user__password")
    )
)


def answer_without_news(session: SessionBase, batch_id: uuid.UUID, since: int) -> dict[str, Any] | None:
    """Return the answer to a poll, if the batch is this session's and still as seen at `since`.

    None says nothing about the reason: the asker goes the usual way then, which tells a stranger from news.
    """
    user_id = claimed_user(session)
    if user_id is None:
        return None
    row = _BATCH_AND_OWNER.first(user=user_id, batch=batch_id)
    if row is None:
        return None
    revision, status, password = row
    if revision != since or not proves(session, password):
        return None
    return short_answer(revision, status)
