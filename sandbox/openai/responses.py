"""`POST /v1/responses`: rewrites a prompt, or the prompts of a list, the same way each time."""

import hashlib
import secrets
import time
from functools import partial
from random import Random
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from sandbox.calls import LOG, Call

from . import connection, faults, structured, usage
from .catalogue import TEXT_MODELS
from .endpoint import endpoint, json_object
from .errors import invalid, missing, model_not_found
from .parameters import text, whole_number

LIGHTS = ("soft morning light", "warm light of a low sun", "diffuse light of an overcast day", "gentle window light")
VIEWS = (
    "seen from a low angle",
    "in a wide composition",
    "in a close view with a shallow depth of field",
    "seen from above",
)
MOODS = ("calm mood", "playful mood", "quiet, nostalgic mood", "bright, optimistic mood")
DETAILS = ("fine texture", "rich natural colours", "a limited palette of muted colours", "crisp detail")
MOST_TOKENS = 128_000
CLIENT_GONE = 499


@endpoint("POST")
def create(request: HttpRequest, call: Call) -> HttpResponseBase:
    """Answer with a richer version of the prompt."""
    body = {name: value for name, value in json_object(request).items() if value is not None}
    model = text(body, "model", required=True)
    if model not in TEXT_MODELS:
        raise model_not_found(model)
    prompt = _last_text(body)
    call.prompt, call.model, call.safety_identifier = prompt, model, text(body, "safety_identifier")
    LOG.start(call)
    struck = faults.due("", "responses")
    faults.refuse_at_once(struck, model)
    if struck and not connection.wait(request, partial(faults.delay_seconds, struck)):
        return HttpResponse(status=CLIENT_GONE)
    faults.refuse(struck, model)
    return JsonResponse(_response(body, model, prompt))


def _last_text(body: dict[str, Any]) -> str:
    given = body.get("input")
    if given is None:
        raise missing("input")
    while isinstance(given, list) and given and isinstance(given[-1], dict):
        given = given[-1].get("content", given[-1].get("text"))
    if not isinstance(given, str):
        raise invalid("input", "Invalid type for 'input': expected a string or a list of messages.", "invalid_type")
    return given.encode("utf-8", "replace").decode()


def rewritten(prompt: str) -> str:
    """The prompt with light, view, mood and detail; the same for the same prompt."""
    rng = Random(hashlib.sha256(prompt.encode()).digest())
    additions = [rng.choice(choices) for choices in (LIGHTS, VIEWS, MOODS, DETAILS)]
    return f"{prompt.strip().rstrip('.')}, {', '.join(additions)}."


def _response(body: dict[str, Any], model: str, prompt: str) -> dict[str, object]:
    limit = whole_number(body, "max_output_tokens", 16, MOST_TOKENS, MOST_TOKENS)
    schema = structured.schema_of(body)
    answer = structured.filled(schema, prompt, rewritten) if schema else rewritten(prompt)
    is_complete = usage.text_tokens(answer) <= limit
    answer = answer[: limit * usage.CHARACTERS_PER_TOKEN]
    return {
        "id": f"resp_{secrets.token_hex(16)}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed" if is_complete else "incomplete",
        "error": None,
        "incomplete_details": None if is_complete else {"reason": "max_output_tokens"},
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": model,
        "output": [*_thoughts(body), _message(prompt, answer)],
        "parallel_tool_calls": True,
        "store": body.get("store", True),
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "metadata": {},
        "usage": usage.of_text(f"{body.get('instructions', '')} {prompt}", usage.text_tokens(answer)),
    }


def _thoughts(body: dict[str, Any]) -> list[dict[str, object]]:
    """The reasoning that comes before the message, unless the request asks for none."""
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict) and reasoning.get("effort") == "none":
        return []
    return [{"type": "reasoning", "id": f"rs_{secrets.token_hex(12)}", "summary": []}]


def _message(prompt: str, answer: str) -> dict[str, object]:
    content: dict[str, object] = {"type": "output_text", "text": answer, "annotations": []}
    if "[refuse]" in prompt and '"problem"' not in prompt:
        content = {"type": "refusal", "refusal": "I'm sorry, but I can't help with that."}
    return {
        "type": "message",
        "id": f"msg_{secrets.token_hex(12)}",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }
