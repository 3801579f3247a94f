"""The REST API: joins the apps' routers below /api/v1/."""

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

#: Each empty list in a body of three bytes takes seventy in memory; a list of prompts has some thousand values.
MAX_VALUES = 100_000
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


class StrictParser(Parser):
    """Reads JSON that any database and any other program can write down again."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says. Raises `ValueError` and `RecursionError`; ninja makes 400 of both."""
        if _STRING.sub(b"", request.body).count(b",") > MAX_VALUES:
            raise ValueError("too many values")
        said = json.loads(request.body)
        if b"\\ud" in request.body.lower():
            # Half a character, as in "\ud800": Python takes it, nothing else does.
            json.dumps(said, ensure_ascii=False).encode()
        return said


# Without ninja's own docs page, which loads scripts from elsewhere; ours is `api_docs`.
api = DocumentedAPI(
    title="Images in bulk", version="1", docs_url=None, docs_decorator=require_safe, parser=StrictParser()
)
api.add_router("", batches)
api.add_router("/billing", billing)
add_handlers(api)
