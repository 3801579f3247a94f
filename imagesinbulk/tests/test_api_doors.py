"""What any operation does with what nobody should send: described answers, never a fault."""

import json
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from billing import plans
from imagesinbulk.api.routes import api
from rest.bodies import Body
from tests.cast import MakeBatch

pytestmark = pytest.mark.any_database

SCHEMA = api.get_openapi_schema()
PATHS = list(SCHEMA["paths"])
GETS = [path for path, item in SCHEMA["paths"].items() if "get" in item]
POSTS = [path for path, item in SCHEMA["paths"].items() if "post" in item]
TAKE_JSON = [
    path
    for path in POSTS
    if "application/json" in SCHEMA["paths"][path]["post"].get("requestBody", {}).get("content", {})
]
OTHERS_ID = "0b6f7a52-6a3c-4f5e-9a55-0f2f8f0a3c1d"
BAD_BODIES = {
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe\xfd",
    "deep": b"[" * 100_000,
    "half a character": b'{"prompts": ["\\ud800"], "email": "\\ud800@example.org"}',
    "a list": b"[]",
    "nothing": b"",
    "ten megabytes": b'"' + b"x" * 10_000_000 + b'"',
}


@pytest.fixture
def ask(olga: User, alice: User, make_batch: MakeBatch, give_plan: Any) -> Any:
    """Return what asks with the key of an operator, who is no customer of that batch, as often as the test likes."""
    batch = make_batch(alice)
    give_plan(olga, plans.PARTNER)
    _, text = api_keys.create(olga, "a program", ApiKey.Scope.values)
    client = Client(raise_request_exception=False)

    def asker(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Any:
        address = path.format(batch_id=batch.pk, reference_id=OTHERS_ID, position=1)
        return client.generic(method, address, body, kind, headers={"Authorization": f"Bearer {text}"})

    return asker


def is_described(answer: Any, path: str, method: str) -> bool:
    """Tell whether the description names the status and the type of an answer."""
    answers = SCHEMA["paths"][path][method]["responses"]
    described = {int(status): each.get("content", {}) for status, each in answers.items()}
    return answer.headers["Content-Type"] in described[answer.status_code]


def example_of(operation: Any) -> tuple[bytes, str]:
    """Return an example of the operation's body and its type, or nothing if it takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        fields = dict.fromkeys(content["multipart/form-data"]["schema"].get("required", ()), "a text")
        return encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT
    if not content:
        return b"", "application/json"
    name = content["application/json"]["schema"]["$ref"].split("/")[-1]
    return json.dumps(SCHEMA["components"]["schemas"][name]["examples"][0]).encode(), "application/json"


@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_bad_body_gets_a_described_answer(ask: Any, body: str) -> None:
    answers = {path: ask("POST", path, BAD_BODIES[body]) for path in TAKE_JSON}
    wrong = {path: answer.status_code for path, answer in answers.items() if not 400 <= answer.status_code < 500}
    assert wrong == {}
    assert [path for path, answer in answers.items() if not is_described(answer, path, "post")] == []


def test_options_lists_the_methods_of_every_address(ask: Any) -> None:
    answers = {path: ask("OPTIONS", path) for path in PATHS}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PATHS, 204)
    allowed = {path: set(answer.headers["Allow"].split(", ")) for path, answer in answers.items()}
    assert {path: methods - {"OPTIONS", "HEAD"} for path, methods in allowed.items()} == {
        path: {method.upper() for method in SCHEMA["paths"][path]} for path in PATHS
    }


def test_head_answers_as_get_does(ask: Any) -> None:
    heads = {path: ask("HEAD", path) for path in GETS}
    assert {path: head.status_code for path, head in heads.items()} == {
        path: ask("GET", path).status_code for path in GETS
    }
    assert {path: head.getvalue() for path, head in heads.items()} == dict.fromkeys(GETS, b"")


def test_no_key_opens_nothing(client: Client, db: None) -> None:
    ids = {"batch_id": OTHERS_ID, "reference_id": OTHERS_ID, "position": 1}
    methods = {path: next(iter(SCHEMA["paths"][path])) for path in PATHS}
    answers = {path: client.generic(method.upper(), path.format(**ids)) for path, method in methods.items()}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PATHS, 401)
    assert [path for path, answer in answers.items() if not is_described(answer, path, methods[path])] == []


def test_another_customers_batch_is_not_there(ask: Any) -> None:
    items = SCHEMA["paths"].items()
    asked = [(path, method) for path, item in items if "batch_id" in path for method in item]
    answers = {
        (path, method): ask(method.upper(), path, *example_of(SCHEMA["paths"][path][method])) for path, method in asked
    }
    assert {each: answer.status_code for each, answer in answers.items()} == dict.fromkeys(asked, 404)
    assert [each for each, answer in answers.items() if not is_described(answer, *each)] == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize(("path", "status"), [("", 404), ("nothing", 404), ("models", 405), ("openapi.json", 405)])
def test_what_nobody_offers_is_a_problem_and_no_form_that_was_too_old(method: str, path: str, status: int) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_a_length_that_is_no_number_is_no_fault(client: Client, db: None) -> None:
    answer = client.generic("GET", "/api/v1/account", headers={"Authorization": "Bearer x"}, CONTENT_LENGTH="x")
    assert answer.status_code == 401


@pytest.mark.parametrize("body", Body.__subclasses__(), ids=lambda body: body.__name__)
def test_null_is_taken_for_every_optional_field(body: type[Body]) -> None:
    example = body.model_json_schema()["examples"][0]
    made = body(**example)
    optional = {name for name, field in body.model_fields.items() if getattr(made, name) == field.default}
    assert body(**example | dict.fromkeys(optional)) == made


@pytest.mark.parametrize("path", TAKE_JSON)
def test_null_is_described_for_every_optional_field(path: str) -> None:
    name = SCHEMA["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    body = SCHEMA["components"]["schemas"][name]
    optional = {field: rules for field, rules in body["properties"].items() if field not in body.get("required", [])}
    assert [field for field, rules in optional.items() if {"type": "null"} not in rules.get("anyOf", [])] == []
