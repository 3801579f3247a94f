"""The API's own description, OpenAPI 3.1: ninja's, with problem documents, headers and examples in it."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from accounts.key_auth import KeyAuth
from accounts.problems import CONTENT_TYPE, KINDS, Problem

Json = dict[str, Any]

_PROBLEM = "#/components/schemas/ProblemDocument"
_DESCRIPTION = """Everything a program needs to turn lists of prompts into pictures.

Send your key with every request: `Authorization: Bearer iib_…`. Bodies are JSON. Errors are problem documents
(RFC 9457). Every answer to a key names its limit of requests a minute: `RateLimit-Limit`, `RateLimit-Remaining`,
`RateLimit-Reset`."""
_RATE_LIMIT = {
    "RateLimit-Limit": "Requests a minute that the plan allows.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until there are more.",
}
_RETRY_AFTER = {"Retry-After": "Seconds to wait before asking again."}


class DocumentedAPI(NinjaAPI):
    """An API whose description names the examples, the headers and the media type of every answer."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the description."""
        schema = super().get_openapi_schema(**options)
        schema["info"]["description"] = _DESCRIPTION
        scopes = self._scopes()
        for operations in schema["paths"].values():
            for operation in operations.values():
                _complete(operation, schema["components"]["schemas"])
                operation["security"] = [
                    dict.fromkeys(door, scopes[operation["operationId"]]) for door in operation["security"]
                ]
        return schema

    def _scopes(self) -> dict[str, list[str]]:
        """Return the scopes that each operation needs, by its id."""
        views = [view for router in self._get_bound_routers() for view in router.path_operations.values()]
        return {
            operation.operation_id or self.get_openapi_operation_id(operation): [
                door.scope for door in operation.auth_callbacks if isinstance(door, KeyAuth)
            ]
            for view in views
            for operation in view.operations
        }


def _complete(operation: Json, schemas: Json) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        _add_example(content, schemas)
    for status, response in operation["responses"].items():
        contents = response.get("content", {})
        if contents.get("application/json", {}).get("schema", {}).get("$ref") == _PROBLEM:
            contents[CONTENT_TYPE] = contents.pop("application/json")
            contents[CONTENT_TYPE]["examples"] = _problems(int(status))
        else:
            for content in contents.values():
                _add_example(content, schemas)
        response["headers"] = _headers(int(status))


def _add_example(content: Json, schemas: Json) -> None:
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    if examples := schemas.get(name, {}).get("examples"):
        content["example"] = examples[0]


def _problems(status: int) -> Json:
    codes = [code for code, (kind_status, _) in KINDS.items() if kind_status == status]
    return {code: {"value": Problem(code).as_dict()} for code in codes}


def _headers(status: int) -> Json:
    described = {} if status in (400, 401, 403, 413, 415) else dict(_RATE_LIMIT)
    if status in (409, 429):
        described |= _RETRY_AFTER
    return {name: {"description": text, "schema": {"type": "integer"}} for name, text in described.items()}
