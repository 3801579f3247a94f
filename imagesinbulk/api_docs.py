"""The API's documentation as a page of the site, made from its own description."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.problems import KINDS
from imagesinbulk.api import api

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body; `source` is path, query, header or body."""

    name: str
    source: str
    kind: str
    is_required: bool
    description: str
    default: str


@dataclass(frozen=True)
class Answer:
    """One status that an operation can answer with."""

    status: int
    description: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One operation, as a reader wants to know it; `anchor` is its place on the page."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    scopes: list[str]
    fields: list[Field]
    example: str
    answers: list[Answer]

    @property
    def good_answers(self) -> list[Answer]:
        """Return the answers to what could be done."""
        return [answer for answer in self.answers if answer.status < 400]

    @property
    def problems(self) -> list[Answer]:
        """Return the answers to what could not."""
        return [answer for answer in self.answers if answer.status >= 400]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation with its parameters, examples and errors."""
    problems = sorted((status, code, title) for code, (status, title) in KINDS.items())
    return render(request, "api/docs.html", {"groups": _groups(), "problems": problems})


@cache
def _groups() -> dict[str, list[Operation]]:
    """Return the operations by what they are about; in English, as all that the API says."""
    with translation.override("en"):
        schema = json.loads(json.dumps(api.get_openapi_schema()))
    groups: dict[str, list[Operation]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            made = _operation(method.upper(), path, operation, schema["components"]["schemas"])
            groups.setdefault(operation["tags"][0], []).append(made)
    return groups


def _operation(method: str, path: str, operation: Json, schemas: Json) -> Operation:
    (content,) = operation.get("requestBody", {}).get("content", {}).values() or [{}]
    return Operation(
        anchor=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        scopes=[scope for door in operation["security"] for scopes in door.values() for scope in scopes],
        fields=[*map(_parameter, operation["parameters"]), *_body_fields(content, schemas)],
        example=_pretty(content.get("example")),
        answers=[_answer(int(status), answer) for status, answer in operation["responses"].items()],
    )


def _parameter(parameter: Json) -> Field:
    return _field(parameter["name"], parameter["in"], parameter["schema"], parameter["required"])


def _body_fields(content: Json, schemas: Json) -> Iterator[Field]:
    body = schemas.get(_name(content.get("schema", {})), {})
    for name, schema in body.get("properties", {}).items():
        yield _field(name, "body", schema, name in body.get("required", []))


def _field(name: str, source: str, schema: Json, is_required: bool) -> Field:
    default = schema.get("default")
    return Field(
        name=name,
        source=source,
        kind=_kind(schema),
        is_required=is_required,
        description=schema.get("description", ""),
        default="" if default in (None, "", []) else json.dumps(default),
    )


def _kind(schema: Json) -> str:
    """Return in a word or two what a value is."""
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    return schema.get("format") or schema.get("type") or _name(schema)


def _name(schema: Json) -> str:
    """Return the name of the shape that a schema refers to; in words, as readers see it."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _answer(status: int, answer: Json) -> Answer:
    (content, *_) = answer.get("content", {}).values() or [{}]
    described = re.sub(r"\s+", " ", answer["description"])
    return Answer(status, described, _pretty(content.get("example")))


def _pretty(example: Any) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
