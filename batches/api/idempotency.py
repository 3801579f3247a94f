"""Run a POST only once for the same Idempotency-Key."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Annotated
from uuid import UUID, uuid4

from django.db import transaction
from ninja import Header, Status
from ninja.files import UploadedFile

from accounts.keys import idempotency
from accounts.models import IdempotentRequest
from batches.api.representations import Json
from billing.program_key import ProgramRequest
from billing.refusals import Refusal
from rest.problems import Problem

#: Description of the header of a repeated response.
REPLAYED = "`true` if this is the response to an earlier request with the same Idempotency-Key."
IdempotencyKey = Annotated[
    str,
    Header(
        "",
        alias="Idempotency-Key",
        max_length=200,
        description="Any text you choose. A retry within 24 hours gets the same response, and nothing is done twice.",
    ),
]


def content_of_form(fields: Sequence[object], *files: UploadedFile | None) -> bytes:
    """Return the content of a form with files, to compare it in `once`."""
    return b"\0".join([repr(fields).encode(errors="surrogateescape"), *map(_sha256, files)])


def _sha256(file: UploadedFile | None) -> bytes:
    if file is None:
        return hashlib.sha256().digest()
    digest = hashlib.file_digest(file, "sha256").digest()
    file.seek(0)
    return digest


def once(
    request: ProgramRequest,
    key: str,
    act: Callable[[UUID], Status[Json]],
    content: bytes | None = None,
    *,
    is_atomic: bool = False,
) -> Status[Json]:
    """Return the response of `act`, or the stored one of an earlier request.

    After a crash, a retry calls `act` with the same UUID. `is_atomic` is for an `act` that doesn't use it: its response
    is stored in the same transaction.

    A request is a retry if its `content` is the same. By default this is the body. The body of a form with files can't
    be read again.
    """
    if not key:
        return act(uuid4())
    body = request.body if content is None else content
    try:
        row = idempotency.begin(request.auth, key, f"{request.method} {request.get_full_path()}\n".encode() + body)
        if row.status is not None and row.answer is not None:
            request.answer_headers["Idempotent-Replayed"] = "true"
            return Status(row.status, row.answer)
        return _answer(row, act, is_atomic)
    except idempotency.OtherRequest as reused:
        raise Problem("idempotency_key_reused") from reused
    except idempotency.UnderWay as under_way:
        headers = {"Retry-After": str(under_way.seconds)}
        raise Problem("idempotency_key_in_progress", headers=headers) from under_way


def _answer(row: IdempotentRequest, act: Callable[[UUID], Status[Json]], is_atomic: bool) -> Status[Json]:
    try:
        with transaction.atomic() if is_atomic else nullcontext():
            answer = act(row.token)
            idempotency.finish(row, answer.status_code, answer.value)
            return answer
    except idempotency.UnderWay:
        raise
    except (Problem, Refusal):
        idempotency.give_up(row)
        raise
    except BaseException:
        # It is unknown what was done.
        idempotency.unlock(row)
        raise
