"""Answers in the shape of a JSON schema: `text.format` of `POST /v1/responses`.

The input is JSON: a list of rows, or an object with `subject` and `count`. Text is made from the row's `prompt`.
Numbers are copied from the row's value of the same name.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from .errors import ApiError, invalid, missing

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MAGIC = re.compile(r"\s*\[[^\[\]]*\]\s*")
Rewrite = Callable[[str], str]


def schema_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The schema that the answer must have; None for plain text."""
    given = body.get("text")
    form = given.get("format") if isinstance(given, dict) else None
    if form is None or (isinstance(form, dict) and form.get("type") == "text"):
        return None
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        raise invalid("text.format.type", "Supported values are: 'text' and 'json_schema'.")
    for name in ("name", "schema"):
        if name not in form:
            raise missing(f"text.format.{name}")
    if not _NAME.fullmatch(str(form["name"])):
        raise invalid("text.format.name", "Expected a string that matches '^[a-zA-Z0-9_-]+$'.")
    schema = form["schema"]
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise _invalid_schema(form, "schema must be a JSON Schema of 'type: \"object\"'")
    if form.get("strict"):
        _check_strict(form, schema)
    return schema


def _check_strict(form: dict[str, Any], schema: dict[str, Any]) -> None:
    if schema.get("type") == "array":
        _check_strict(form, schema.get("items", {}))
    if schema.get("type") != "object":
        return
    if schema.get("additionalProperties") is not False:
        raise _invalid_schema(form, "'additionalProperties' is required to be supplied and to be false")
    properties = schema.get("properties", {})
    if set(schema.get("required", [])) != set(properties):
        raise _invalid_schema(form, "'required' must include every key in properties")
    for each in properties.values():
        _check_strict(form, each)


def _invalid_schema(form: dict[str, Any], reason: str) -> ApiError:
    message = f"Invalid schema for response_format '{form['name']}': {reason}."
    return invalid("text.format.schema", message, "invalid_json_schema")


def filled(schema: dict[str, Any], question: str, rewrite: Rewrite) -> str:
    """JSON of the schema that answers the question."""
    return json.dumps(_value(schema, "", {}, _rows(question), rewrite), ensure_ascii=False)


def _rows(question: str) -> list[dict[str, Any]]:
    try:
        given = json.loads(question)
    except ValueError:
        given = question
    if isinstance(given, dict) and "count" in given:
        return [{"row": n, "prompt": f"{given.get('subject', '')}, number {n}"} for n in range(1, given["count"] + 1)]
    rows = given if isinstance(given, list) else [given]
    return [row if isinstance(row, dict) else {"row": n, "prompt": str(row)} for n, row in enumerate(rows, 1)]


def _value(schema: dict[str, Any], name: str, row: dict[str, Any], rows: list[dict[str, Any]], rewrite: Rewrite) -> Any:
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {key: _value(each, key, row, rows, rewrite) for key, each in properties.items()}
    if kind == "array":
        return [_value(schema.get("items", {}), name, each, rows, rewrite) for each in rows]
    if kind in ("integer", "number"):
        return row.get(name, 0)
    prompt = str(row.get("prompt", ""))
    # A row with a `problem` wants another wording without what was refused.
    harmless = _MAGIC.sub(" ", prompt).strip() if row.get("problem") else prompt
    return rewrite(harmless) if harmless else ""
