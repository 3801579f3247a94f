"""The poll without news: every open tab sends one each few seconds, so it costs one small statement."""

import uuid

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from accounts.sessions import claimed_user, proves
from batches.models import Batch
from imagesinbulk.compiled_queries import CompiledQuery, Parameter

_BATCH_AND_OWNER = CompiledQuery(
    lambda: (
        Batch.objects.owned_by(Parameter("user", User._meta.pk))
        .filter(pk=Parameter("batch", Batch._meta.pk), user__is_active=True)
        .values_list("revision", "status", "user__password")
    )
)


def unchanged(session: SessionBase, batch_id: uuid.UUID, since: int) -> Batch | None:
    """Return the batch, of which only revision and status are read, if it is this session's and as seen at `since`.

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
    return Batch(pk=batch_id, revision=revision, status=status)
