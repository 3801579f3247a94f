"""The REST API: the apps' routers below /api/v1/."""

import json
import re
from typing import Any

from django.http import HttpRequest
from django.views.decorators.http import require_safe
from ninja.parser import Parser

from batches.api import router as batches
from billing.api.routes import router as billing
from imagesinbulk.api.errors import add_handlers
from imagesinbulk.api.openapi import DocumentedAPI

#: Each `[],` takes three bytes of the body and seventy of memory. A list of prompts has some thousand values.
MAX_VALUES = 100_000
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


class StrictParser(Parser):
    """Refuses JSON with too many values, and drops what databases and other programs could not write."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the parsed body. Raises `ValueError` and `RecursionError`, for which ninja answers 400."""
        if _STRING.sub(b"", request.body).count(b",") > MAX_VALUES:
            raise ValueError("too many values")
        body = json.loads(request.body)
        if b"\\ud" in request.body.lower() or b"\xed" in request.body:
            # Half of a surrogate pair, escaped or not, which only Python accepts, can't be encoded. It is dropped.
            body = json.loads(json.dumps(body, ensure_ascii=False).encode(errors="ignore"))
        return body


# ninja's docs page is off: it loads scripts from other sites. Ours is `api_docs`.
api = DocumentedAPI(
    title="Images in bulk", version="1", docs_url=None, docs_decorator=require_safe, parser=StrictParser()
)
api.add_router("", batches)
api.add_router("/billing", billing)
add_handlers(api)
