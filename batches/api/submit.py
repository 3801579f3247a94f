"""The REST operation that starts a batch or returns its cost."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Status
from ninja.decorators import decorate_view

from batches.api import schemas
from batches.api.idempotency import REPLAYED, IdempotencyKey, once
from batches.api.parameters import headers
from batches.api.representations import Json, batch_url
from batches.api.router import MAY_WRITE, router
from batches.forms import ProgramForm, RowInvalid
from batches.lists.messages import sentence
from billing.credits import ledger
from billing.program_key import ProgramRequest
from billing.refusals import NotEnoughCredits
from rest.json_only import json_only
from rest.problems import Problem, fault
from rest.responses import WITH_BODY, WITH_CREDITS, WITH_KEY, answers

_RESPONSES = {
    201: {
        "description": "The batch is queued",
        "headers": headers({"Location": "The URL of the batch.", "Idempotent-Replayed": REPLAYED}),
    },
    200: {"description": "The cost, with `dry_run=true`"},
}
DryRun = Annotated[bool, Query(False, description="Return only the cost and the file names. Nothing is stored.")]


@router.post(
    "/batches",
    auth=MAY_WRITE,
    tags=["batches"],
    summary="Submit a list",
    operation_id="submit_batch",
    **answers(
        *WITH_BODY,
        *WITH_KEY,
        *WITH_CREDITS,
        "list_too_long",
        "text_limit_reached",
        "too_many_starts",
        "references_gone",
        created=schemas.Submitted,
        ok=schemas.Bill,
        responses=_RESPONSES,
    ),
)
@decorate_view(json_only)
def submit(
    request: ProgramRequest, body: schemas.NewBatch, dry_run: DryRun = False, idempotency_key: IdempotencyKey = ""
) -> Status[Json]:
    """Start a batch. Its credits are reserved and its images are created one by one.

    With `dry_run=true`, you get the cost with status 200 and nothing starts.
    """
    if dry_run:
        return Status(200, _bill(request, _form(request, body)))
    answer = once(request, idempotency_key, lambda token: Status(201, _submit(request, _form(request, body, token))))
    request.answer_headers["Location"] = answer.value["url"]
    return answer


def _submit(request: ProgramRequest, form: ProgramForm) -> Json:
    user = request.auth.user
    batch = form.submit(user, request.auth)
    if batch is None:
        assert form.refusal is not None
        raise form.refusal
    return {
        "id": batch.pk,
        "status": batch.status,
        "total": batch.total,
        "credits": {"needed": form.order.credits_needed, "left": max(0, ledger.account_of(user).left)},
        "url": batch_url(request, batch),
    }


def _bill(request: ProgramRequest, form: ProgramForm) -> Json:
    bill = form.bill(request.auth.user, request.auth)
    refusal = bill.refusal
    if refusal is None and bill.missing:
        refusal = NotEnoughCredits(bill.order.credits_needed, bill.credits_left)
    rows = zip(bill.order.prompts, bill.order.file_names, bill.order.choices, strict=True)
    return {
        "total": len(bill.order.prompts),
        "credits": {"needed": bill.order.credits_needed, "left": bill.credits_left},
        "reference_credits": bill.order.reference_credits,
        "seconds": round(bill.seconds, 1),
        "refusal": {"code": refusal.code, "message": refusal.sentence} if refusal else None,
        "images": [
            {"position": position, "prompt": prompt, "name": name, "credits": choices.credits}
            for position, (prompt, name, choices) in enumerate(rows, 1)
        ],
    }


def _form(request: ProgramRequest, body: schemas.NewBatch, submission_key: UUID | None = None) -> ProgramForm:
    """Return a valid form with the data of the body, or raise `Problem` with the errors by field and row."""
    rows = [row.model_dump() for row in body.prompts]
    fields = {
        **body.dict(exclude={"prompts", "names"}),
        "prompts": [row["prompt"] for row in rows],
        "names": _names(rows, [name or "" for name in body.names or ()]),
        "submission_key": submission_key,
    }
    form = ProgramForm(fields, user=request.auth.user, rows=rows)
    if not form.is_valid():
        raise Problem("invalid", "The batch can't start. See errors.", errors=_faults(form))
    return form


def _names(rows: list[Json], names: list[str]) -> list[str]:
    given = [*names, *[""] * (len(rows) - len(names))]
    own = [row["name"] if row["name"] is not None else name for row, name in zip(rows, given, strict=False)]
    return [*own, *given[len(rows) :]]


def _faults(form: ProgramForm) -> list[Json]:
    found = []
    for field, errors in form.errors.as_data().items():
        for error in errors:
            if isinstance(error, RowInvalid):
                column = error.error.column or ("prompt" if error.error.row and field == "prompts" else field)
                text = sentence(error.error)
                found.append(fault(column, error.error.code, text[0].upper() + text[1:], error.error.row))
            else:
                found.append(fault(field, error.code or "invalid", " ".join(error.messages)))
    return found
