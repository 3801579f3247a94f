"""Which statuses an operation can answer with; the schema names each."""

from typing import Any

from accounts.problems import ProblemDocument

#: Of every operation: no key, a key that may not, too many requests. 400: what no server could read.
ALWAYS = (400, 401, 403, 429)
#: Of those that take a body.
WITH_BODY = (413, 415, 422)
#: Of those that take an Idempotency-Key.
WITH_KEY = (409, 422)


def answers(*problems: int, **given: Any) -> dict[Any, Any]:
    """Return ninja's `response`: `ok=Schema`, `created=Schema`, `empty=None`, and a problem for each other status."""
    names = {"ok": 200, "created": 201, "empty": 204}
    documents = dict.fromkeys(sorted({*ALWAYS, *problems}), ProblemDocument)
    return {**{names[name]: schema for name, schema in given.items()}, **documents}
