"""The API's description: it validates, and names the example and the status of every answer."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from accounts.models import User
from batches.models import WebhookDelivery, WebhookEndpoint
from imagesinbulk.api.routes import api
from tests.cast import MakeBatch, begin, deliver_next

METHODS = ("get", "post", "delete")
SCHEMA: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in SCHEMA["paths"].items()
    for method, operation in item.items()
}
OURS = [name for name in OPERATIONS if "/billing/" not in name]


def contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every content with a schema of ours that an operation takes or gives."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    found = [each for body in bodies for each in body.get("content", {}).items()]
    # Images, and forms with a photo, have no example.
    is_text = lambda kind, content: kind != "multipart/form-data" and content["schema"].get("type") != "string"  # noqa: E731
    return [content for kind, content in found if is_text(kind, content)]


def fields_of(body: Any) -> Any:
    """Return the names in a body, in its order."""
    return [(name, fields_of(value)) for name, value in body.items()] if isinstance(body, dict) else None


def test_it_is_served_without_a_key(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"
    assert answer.json()["paths"].keys() == SCHEMA["paths"].keys()


def test_the_description_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(SCHEMA).iter_errors()) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_examples_that_fit(name: str) -> None:
    for content in contents(OPERATIONS[name]):
        examples = (
            [content["example"]] if "example" in content else [each["value"] for each in content["examples"].values()]
        )
        schema = {**content["schema"], "components": SCHEMA["components"]}
        assert examples
        assert [error.message for each in examples for error in Draft202012Validator(schema).iter_errors(each)] == []


@pytest.mark.parametrize("name", OURS)
def test_each_operation_names_what_any_can_answer(name: str) -> None:
    operation = OPERATIONS[name]
    assert {"400", "401", "403", "429"} <= operation["responses"].keys()
    problems = [status for status in operation["responses"] if status >= "400"]
    assert all("application/problem+json" in operation["responses"][status]["content"] for status in problems)
    assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_each_webhook_has_an_example_that_fits() -> None:
    for operation in (item["post"] for item in SCHEMA["webhooks"].values()):
        for content in contents(operation):
            schema = {**content["schema"], "components": SCHEMA["components"]}
            assert list(Draft202012Validator(schema).iter_errors(content["example"])) == []


@pytest.mark.django_db
def test_webhooks_are_sent_as_they_are_described(alice: User, make_batch: MakeBatch) -> None:
    WebhookEndpoint.objects.create(user=alice, url="https://alice.example.org/hook", on_image_ready=True)
    begin(make_batch(alice, 1))[0].wait("daily_limit", timezone.now())
    deliver_next(make_batch(alice, 1))
    sent = {delivery.event: json.loads(delivery.body) for delivery in WebhookDelivery.objects.all()}
    assert sent.keys() == SCHEMA["webhooks"].keys()
    for event, body in sent.items():
        [content] = contents(SCHEMA["webhooks"][event]["post"])
        schema = {**content["schema"], "components": SCHEMA["components"]}
        assert list(Draft202012Validator(schema).iter_errors(body)) == []
        assert fields_of(body) == fields_of(content["example"])


@pytest.mark.parametrize("name", OURS)
def test_a_problem_is_named_where_it_can_happen_only(name: str) -> None:
    answers = OPERATIONS[name]["responses"].values()
    codes = {
        code for answer in answers for each in answer.get("content", {}).values() for code in each.get("examples", {})
    }
    assert ("too_many_starts" in codes) == (name == "POST /api/v1/batches")
    assert ("wrong_state" in codes) == (name.startswith("POST") and "{" in name)


def test_each_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    assert all(operation["description"] for operation in OPERATIONS.values())


def test_descriptions_have_paragraphs_but_no_wrapped_lines() -> None:
    texts = [SCHEMA["info"]["description"], *(operation["description"] for operation in OPERATIONS.values())]
    assert any("\n\n" in text for text in texts)
    assert [text for text in texts if "\n" in text.replace("\n\n", "")] == []
