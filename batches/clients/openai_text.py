"""The Responses API of OpenAI: a question whose answer is JSON of a schema.

An answer costs a fraction of a cent, so errors don't say whether it was billed. Each question is sent once.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from batches.clients.openai_errors import Refused, Unknown
from batches.clients.openai_json import post

#: Seconds to connect, and for the whole call: a customer is waiting for the page.
TIMEOUT = (5.0, 40.0)


@dataclass(frozen=True)
class Question:
    """`schema` must be strict: no other properties, and all of them required. `content` is sent as JSON."""

    instructions: str
    content: Any
    schema: dict[str, Any]
    max_output_tokens: int
    safety_identifier: str


def ask(question: Question) -> dict[str, Any]:
    """Return the answer. Raises an `UpstreamError`, also with the codes `no_answer` and `incomplete`."""
    return post("responses", _parameters(question), TIMEOUT, _answer)


def _parameters(question: Question) -> dict[str, Any]:
    form = {"type": "json_schema", "name": "answer", "strict": True, "schema": question.schema}
    return {
        "model": settings.OPENAI_TEXT_MODEL,
        "instructions": question.instructions,
        "input": json.dumps(question.content, ensure_ascii=False),
        "text": {"format": form, "verbosity": "low"},
        "reasoning": {"effort": "none"},
        "max_output_tokens": question.max_output_tokens,
        "safety_identifier": question.safety_identifier,
        # OpenAI would keep the answer for 30 days.
        "store": False,
    }


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
