"""The API's OpenAPI 3.1 description: django-ninja's with problem documents, headers, webhooks and examples."""

import re
from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from accounts.keys.auth import KeyAuth
from imagesinbulk.api.openapi_webhooks import webhook_schemas, webhooks
from rest.problems import CONTENT_TYPE, KINDS, Problem

Json = dict[str, Any]

#: In the order of the docs page.
TAGS = {
    "batches": "Submit a list of prompts and follow its progress.",
    "verbs": "Pause, resume, cancel, retry or delete a batch.",
    "review": "Keep, reject, edit or create images again.",
    "references": "Upload photos that images are created from, or use an image for the rest of its batch.",
    "images": "Download the images of a batch.",
    "account": "Models, credits and usage.",
    "billing": "Take payments through our Stripe account. Needs an operator's key with the scope `billing`.",
}
_PROBLEM = "#/components/schemas/ProblemDocument"
_DESCRIPTION = """Create images from lists of prompts with your own programs.

Send your API key with every request: `Authorization: Bearer iib_…`. Bodies are JSON, except for forms with photos.
Errors are problem documents (RFC 9457). Every authenticated response includes your rate limit: `RateLimit-Limit`,
`RateLimit-Remaining` and `RateLimit-Reset`."""
#: Where a line was wrapped, as opposed to the end of a paragraph.
_WRAP = re.compile(r"(?<!\n)\n(?!\n)")
_RATE_LIMIT = {
    "RateLimit-Limit": "Requests per minute that your plan allows.",
    "RateLimit-Remaining": "Requests left in the current minute.",
    "RateLimit-Reset": "Seconds until the limit resets.",
}
_RETRY_AFTER = {"Retry-After": "Seconds to wait before you try again."}
#: Statuses that can be answered before the key's requests are counted.
_NOT_COUNTED = (400, 401, 403, 413, 415, 503)


class DocumentedAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["info"]["description"] = _WRAP.sub(" ", _DESCRIPTION)
        schema["servers"] = [{"url": settings.SITE_URL}]
        schema["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
        schema["webhooks"] = webhooks()
        schemas = schema["components"]["schemas"]
        schemas |= webhook_schemas()
        scopes = self._scopes()
        for operation in operations_of(schema):
            _complete(operation, schemas)
            operation["security"] = [
                dict.fromkeys(door, scopes[operation["operationId"]]) for door in operation["security"]
            ]
        for item in schema["webhooks"].values():
            for content in item["post"]["requestBody"]["content"].values():
                _add_example(content, schemas)
        return schema

    def _scopes(self) -> dict[str, list[str]]:
        views = [view for router in self._get_bound_routers() for view in router.path_operations.values()]
        return {
            str(operation.operation_id): [door.scope for door in operation.auth_callbacks if isinstance(door, KeyAuth)]
            for view in views
            for operation in view.operations
        }


def operations_of(schema: Json) -> list[Json]:
    return [operation for item in schema["paths"].values() for operation in item.values()]


def _complete(operation: Json, schemas: Json) -> None:
    operation["description"] = _WRAP.sub(" ", operation["description"])
    for content in operation.get("requestBody", {}).get("content", {}).values():
        _add_example(content, schemas)
    codes = operation.pop("x-problems", [])
    for status, response in operation["responses"].items():
        contents = response.get("content", {})
        if contents.get("application/json", {}).get("schema", {}).get("$ref") == _PROBLEM:
            contents[CONTENT_TYPE] = contents.pop("application/json")
            contents[CONTENT_TYPE]["examples"] = {
                code: {"value": Problem(code).as_dict()} for code in codes if KINDS[code][0] == int(status)
            }
        else:
            for content in contents.values():
                _add_example(content, schemas)
        response["headers"] = {**response.get("headers", {}), **_headers(int(status))}


def _add_example(content: Json, schemas: Json) -> None:
    if examples := resolved(content["schema"], schemas).get("examples"):
        content["example"] = _in_order(examples[0], content["schema"], schemas)


def resolved(schema: Json, schemas: Json) -> Json:
    return dict(schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema))


def shape_in(schema: Json, schemas: Json) -> Json | None:
    """Return the schema with properties: the schema itself, or the one in its list or choice."""
    choices = schema.get("anyOf") or schema.get("items", {}).get("anyOf") or [schema.get("items", schema)]
    return next((each for each in choices if "properties" in resolved(each, schemas)), None)


def _in_order(example: Any, schema: Json, schemas: Json) -> Any:
    """Return the example with its fields in the order of the schema; pydantic sorts them by name."""
    if isinstance(example, list):
        return [_in_order(each, schema, schemas) for each in example]
    shape = shape_in(schema, schemas)
    if not isinstance(example, dict) or shape is None:
        return example
    fields = resolved(shape, schemas)["properties"]
    return {name: _in_order(example[name], fields[name], schemas) for name in fields if name in example}


def _headers(status: int) -> Json:
    described = {} if status in _NOT_COUNTED else dict(_RATE_LIMIT)
    if status in (409, 429, 503):
        described |= _RETRY_AFTER
    return {name: {"description": text, "schema": {"type": "integer"}} for name, text in described.items()}
