"""The API's OpenAPI description as the docs page shows it: groups of operations, each with its fields and errors."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from batches.api.examples import ID as EXAMPLE_ID
from imagesinbulk.api.openapi import resolved, shape_in
from imagesinbulk.api.routes import api
from rest.problems import CONTENT_TYPE, KINDS, Problem, fault
from rest.responses import ALWAYS

Json = dict[str, Any]

TITLES = {
    "batches": "Batches",
    "verbs": "Control a batch",
    "review": "Review images",
    "references": "Reference photos",
    "images": "Images",
    "account": "Account",
    "billing": "Payments",
}
_CODE = re.compile("`([^`]+)`")
_LIMITS = {"minLength": "at least {} characters", "maxLength": "up to {} characters", "maxItems": "up to {}"}


@cache
def groups() -> list[Json]:
    schema = _schema()
    found: dict[str, list[Json]] = {}
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            made = _operation(method.upper(), path, operation, schema["components"]["schemas"])
            found.setdefault(operation["tags"][0], []).append(made)
    # Creating before reading, and deleting last.
    order = lambda each: (each["method"] == "DELETE", each["path"].count("/"), each["method"] != "POST")  # noqa: E731
    return [
        {
            "name": tag["name"],
            "title": TITLES[tag["name"]],
            "description": _marked(tag["description"]),
            "operations": sorted(found[tag["name"]], key=order),
        }
        for tag in schema["tags"]
    ]


@cache
def messages() -> list[Json]:
    schema = _schema()
    bodies = {event: _content(item["post"]["requestBody"]) for event, item in schema["webhooks"].items()}
    return [
        {
            "event": event,
            "description": _marked(schema["webhooks"][event]["post"]["description"]),
            "example": _pretty(body["example"]),
            "fields": list(_fields(body["schema"], schema["components"]["schemas"])),
        }
        for event, body in bodies.items()
    ]


def example_problem() -> str:
    errors = [fault("ratio", "unknown_ratio", "This ratio is not offered: 4:3.", row=2)]
    problem = Problem("invalid", "The batch can't start. See errors.", errors=errors)
    return _pretty(problem.as_dict())


def common_faults() -> list[Json]:
    return _faults_of(ALWAYS)


def all_faults() -> list[Json]:
    return sorted(_faults_of(KINDS), key=itemgetter("status"))


def _faults_of(codes: Iterable[str]) -> list[Json]:
    return [{"status": KINDS[code][0], "code": code, "title": KINDS[code][1]} for code in codes]


@cache
def _schema() -> Json:
    with translation.override("en"):
        return dict(json.loads(json.dumps(api.get_openapi_schema())))


def _operation(method: str, path: str, operation: Json, schemas: Json) -> Json:
    content = _content(operation.get("requestBody", {}))
    answers = [
        _answer(int(status), each, schemas)
        for status, each in operation["responses"].items()
        if CONTENT_TYPE not in each.get("content", {})
    ]
    return {
        "anchor": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "description": _marked(operation["description"]),
        "scopes": [scope for door in operation["security"] for scopes in door.values() for scope in scopes],
        "parameters": [
            _field(each["name"], each["schema"], schemas, each["required"], each["in"])
            for each in operation["parameters"]
        ],
        "body_fields": list(_fields(content.get("schema", {}), schemas)),
        "curl": _curl(method, path, _pretty(content.get("example"))),
        "answers": [answer for answer in answers if answer["status"] < 400],
        # The errors that are not problem documents.
        "failures": [answer for answer in answers if answer["status"] >= 400],
        "faults": _faults_of(_codes(operation)),
    }


#: Examples of forms, by the last part of the path.
_FORMS = {
    "references": ("file=@photo.jpg",),
    "edit": ("instruction='make the sky pink'", "mask=@sky.png"),
    "rest": ("style=true", "credits=24"),
}


def _curl(method: str, path: str, body: str) -> str:
    """Return a shell command that calls the operation. With `--json` or `--form` curl sends a POST."""
    address = settings.SITE_URL + path.format(batch_id=EXAMPLE_ID, reference_id=EXAMPLE_ID, position=1)
    options = [f"curl {address}"]
    form = [f"--form {field}" for field in _FORMS.get(path.rpartition("/")[2], ())]
    options += [] if method == ("POST" if body or form else "GET") else [f"--request {method}"]
    options += ['--header "Authorization: Bearer $IIB_API_KEY"']
    options += [f"--json '{body}'"] if body else form
    options += ["--remote-name --remote-header-name"] if path.endswith("/zip") else []
    options += ["--output picture.png"] if path.endswith("{position}") else []
    return " \\\n  ".join(options)


def _codes(operation: Json) -> list[str]:
    contents = [answer.get("content", {}).get(CONTENT_TYPE, {}) for answer in operation["responses"].values()]
    return [code for content in contents for code in content.get("examples", {}) if code not in ALWAYS]


def _fields(schema: Json, schemas: Json, prefix: str = "") -> Iterator[Json]:
    """Yield the fields of a schema, and those of the schemas in it. Names are paths: `images[].error.code`."""
    shape = resolved(schema, schemas)
    for name, each in shape.get("properties", {}).items():
        yield _field(prefix + name, each, schemas, name in shape.get("required", []))
        if inner := shape_in(each, schemas):
            yield from _fields(inner, schemas, f"{prefix}{name}{'[]' if each.get('type') == 'array' else ''}.")
    if isinstance(each := shape.get("additionalProperties"), dict):
        yield _field(f"{prefix}{{position}}", each, schemas, is_required=False)


def _field(name: str, schema: Json, schemas: Json, is_required: bool, source: str = "body") -> Json:
    default = schema.get("default")
    return {
        "name": name,
        "source": source,
        "kind": ", ".join([_kind(schema, schemas), *_limits(schema)]),
        "is_required": is_required,
        "description": _marked(schema.get("description", "")),
        "default": "" if default in (None, "", []) else json.dumps(default).strip('"'),
    }


def _kind(schema: Json, schemas: Json) -> str:
    schema = resolved(schema, schemas)
    if "enum" in schema:
        return " | ".join(json.dumps(each).strip('"') for each in schema["enum"] if each is not None)
    if "anyOf" in schema:
        # Null stands for a missing option everywhere.
        return " or ".join(_kind(each, schemas) for each in schema["anyOf"] if each.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'], schemas)}"
    return str(schema.get("format") or schema.get("type"))


def _limits(schema: Json) -> list[str]:
    limits = [words.format(f"{schema[name]:,}") for name, words in _LIMITS.items() if schema.get(name, 1) > 1]
    if "minimum" in schema:
        limits.append(f"{schema['minimum']:,} to {schema['maximum']:,}" if "maximum" in schema else "from 1")
    return limits


def _answer(status: int, answer: Json, schemas: Json) -> Json:
    content = _content(answer)
    headers = {
        name: _marked(each["description"]) for name, each in answer["headers"].items() if "RateLimit" not in name
    }
    return {
        "status": status,
        "description": _marked(answer["description"]),
        "headers": headers,
        "fields": list(_fields(content.get("schema", {}), schemas)),
        "example": _pretty(content.get("example")),
    }


def _content(message: Json) -> Json:
    return next(iter(message.get("content", {}).values()), {})


def _marked(text: str) -> SafeString:
    """Return a description as HTML, with `…` as code."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))


def _pretty(example: Any) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
