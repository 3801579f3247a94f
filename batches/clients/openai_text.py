"""The Responses API of OpenAI: a question whose answer is JSON of a schema.

An answer costs a fraction of a cent, so errors don't say whether it was billed. Each question is sent once.
"""

import json
from typing import Any

from django.conf import settings

from batches.clients.json_calls import call
from batches.clients.openai_errors import Refused, Unknown

#: Seconds to connect, and for the whole call: a customer is waiting for the page.
TIMEOUT = (5.0, 40.0)


def ask(
    instructions: str, content: Any, schema: dict[str, Any], *, max_output_tokens: int, safety_identifier: str
) -> dict[str, Any]:
    """Return the answer. Raises an `UpstreamError`, also with the codes `no_answer` and `incomplete`.

    `schema` must be strict: no other properties, and all of them required. `content` is sent as JSON.
    """
    form = {"type": "json_schema", "name": "answer", "strict": True, "schema": schema}
    body = {
        "model": settings.OPENAI_TEXT_MODEL,
        "instructions": instructions,
        "input": json.dumps(content, ensure_ascii=False),
        "text": {"format": form, "verbosity": "low"},
        "reasoning": {"effort": "none"},
        "max_output_tokens": max_output_tokens,
        "safety_identifier": safety_identifier,
        # OpenAI would keep the answer for 30 days.
        "store": False,
    }
    return call(settings.OPENAI_BASE_URL, "responses", settings.OPENAI_API_KEY, TIMEOUT, _answer, body=body)


def _answer(document: dict[str, Any]) -> dict[str, Any]:
    messages = [each for each in document["output"] if each["type"] == "message"]
    parts = [part for message in messages for part in message["content"]]
    if any(part["type"] == "refusal" for part in parts):
        raise Refused("refused")
    if document["status"] != "completed":
        raise Unknown("incomplete")
    answer = json.loads("".join(part["text"] for part in parts if part["type"] == "output_text"))
    if not isinstance(answer, dict):
        raise TypeError
    return answer
