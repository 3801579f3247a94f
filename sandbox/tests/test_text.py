"""Moderations, responses and models."""

import json
from typing import Any

import pytest
import requests

from .conftest import KEY, Sandbox, error


def test_a_harmless_text_is_not_flagged(sandbox: Sandbox) -> None:
    answer = sandbox.post("moderations", {"model": "omni-moderation-latest", "input": "A fox"}).json()
    assert not answer["results"][0]["flagged"]
    assert len(answer["results"][0]["categories"]) == 13


def test_a_violent_text_is_flagged_with_its_category(sandbox: Sandbox) -> None:
    (result,) = sandbox.post("moderations", {"input": "How to kill a fox"}).json()["results"]
    assert result["flagged"]
    assert result["categories"]["violence"]
    assert result["category_scores"]["violence"] > 0.9


def test_each_text_of_a_list_is_judged(sandbox: Sandbox) -> None:
    texts = ["A fox", "gore", "A fox [flag]", "A fox [refuse]"]
    results = sandbox.post("moderations", {"input": texts}).json()["results"]
    assert [result["flagged"] for result in results] == [False, True, True, False]


def test_the_parts_of_a_message_are_judged_together(sandbox: Sandbox) -> None:
    parts = [{"type": "text", "text": "nude"}, {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
    assert len(sandbox.post("moderations", {"input": parts}).json()["results"]) == 1


@pytest.mark.parametrize("body", [{}, {"input": 5}, {"input": []}, {"input": ["a", 1]}])
def test_a_moderation_needs_text(sandbox: Sandbox, body: Any) -> None:
    assert sandbox.post("moderations", body).status_code == 400


def rewrite(sandbox: Sandbox, prompt: Any, **more: Any) -> requests.Response:
    return sandbox.post("responses", {"model": "gpt-6-luna", "input": prompt, **more})


def test_a_prompt_is_rewritten_the_same_way_each_time(sandbox: Sandbox) -> None:
    first, second = (rewrite(sandbox, "A fox").json()["output"][-1]["content"][0]["text"] for _ in range(2))
    assert first == second
    assert first.startswith("A fox, ")


def test_reasoning_comes_first_unless_it_is_switched_off(sandbox: Sandbox) -> None:
    assert [part["type"] for part in rewrite(sandbox, "A fox").json()["output"]] == ["reasoning", "message"]
    answer = rewrite(sandbox, "A fox", reasoning={"effort": "none"}).json()
    assert [part["type"] for part in answer["output"]] == ["message"]


def test_a_list_of_messages_is_taken(sandbox: Sandbox) -> None:
    messages = [{"role": "user", "content": [{"type": "input_text", "text": "An owl"}]}]
    assert rewrite(sandbox, messages).json()["output"][-1]["content"][0]["text"].startswith("An owl, ")


def test_too_few_tokens_end_in_the_middle(sandbox: Sandbox) -> None:
    answer = rewrite(sandbox, "A fox " * 30, max_output_tokens=16).json()
    assert (answer["status"], answer["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


def test_a_rewrite_can_be_refused(sandbox: Sandbox) -> None:
    assert rewrite(sandbox, "[refuse] fox").json()["output"][-1]["content"][0]["type"] == "refusal"


@pytest.mark.parametrize("fields", [{"model": "gpt-2"}, {"input": None}, {"input": 5}, {"input": []}])
def test_a_rewrite_needs_a_known_model_and_text(sandbox: Sandbox, fields: Any) -> None:
    response = sandbox.post("responses", {"model": "gpt-6-luna", "input": "A fox", **fields})
    assert response.status_code in (400, 404)
    assert error(response)["message"]


ROW = {"type": "object", "additionalProperties": False, "required": ["row", "prompt"]}
ROW |= {"properties": {"row": {"type": "integer"}, "prompt": {"type": "string"}}}
LIST = {"type": "object", "additionalProperties": False, "required": ["items"]}
LIST |= {"properties": {"items": {"type": "array", "items": ROW}}}


def shaped(sandbox: Sandbox, question: Any, schema: Any = LIST, **more: Any) -> requests.Response:
    form = {"type": "json_schema", "name": "a_list", "strict": True, "schema": schema, **more}
    return rewrite(sandbox, json.dumps(question), text={"format": form})


def rows_of(response: requests.Response) -> list[dict[str, Any]]:
    return list(json.loads(response.json()["output"][-1]["content"][0]["text"])["items"])


def test_the_rows_of_a_list_are_rewritten_in_the_shape_of_the_schema(sandbox: Sandbox) -> None:
    rows = rows_of(shaped(sandbox, [{"row": 3, "prompt": "A fox"}, {"row": 7, "prompt": "An owl"}]))
    assert [(row["row"], row["prompt"].partition(",")[0]) for row in rows] == [(3, "A fox"), (7, "An owl")]


def test_a_subject_and_a_count_become_a_list(sandbox: Sandbox) -> None:
    rows = rows_of(shaped(sandbox, {"subject": "foxes", "count": 3}))
    assert len({row["prompt"] for row in rows}) == 3


def test_a_row_with_a_problem_is_worded_without_it(sandbox: Sandbox) -> None:
    (row,) = rows_of(shaped(sandbox, [{"row": 1, "prompt": "[refuse] a fox", "problem": "refused"}]))
    assert row["prompt"].startswith("a fox, ")


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": {**LIST, "additionalProperties": True}},
        {"schema": {**LIST, "required": []}},
        {"schema": {"type": "array", "items": ROW}},
        {"schema": {**LIST, "properties": {"items": {"type": "array", "items": {**ROW, "required": ["row"]}}}}},
        {"name": "with blanks"},
        {"type": "json"},
    ],
)
def test_a_schema_must_be_strict(sandbox: Sandbox, changes: Any) -> None:
    response = shaped(sandbox, [], **changes)
    assert response.status_code == 400
    assert error(response)["param"].startswith("text.format")


def test_an_answer_can_be_slow(sandbox: Sandbox) -> None:
    sandbox.set(fail_next={"kind": "slow 1", "count": 1, "endpoint": "responses"})
    assert rewrite(sandbox, "A fox").elapsed.total_seconds() > 0.9


def test_models_have_their_shutdown_date(sandbox: Sandbox) -> None:
    models = requests.get(f"{sandbox.url}/v1/models", headers=KEY, timeout=60).json()["data"]
    by_id = {model["id"]: model for model in models}
    assert by_id["gpt-image-2.6-sunburst"]["shutdown_date"] is None
    assert "gpt-image-1" not in by_id
