"""Suggestions for prompts, asked for over HTTP and answered by the sandbox."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.clients import openai_text
from batches.models import Batch, WritingUse
from batches.tests.scripted_server import Reply, Script, ScriptedServer, http
from batches.writing.diff import diff
from tests.cast import MakeBatch, fail_next
from tests.upstream import Upstream

IMPROVE, WRITE = reverse("batches:improve"), reverse("batches:write_list")
Form = dict[str, Any]


def improve(client: Client, *prompts: str) -> Any:
    return client.post(IMPROVE, {"row": list(range(1, len(prompts) + 1)), "prompt": prompts})


def counted(user: User) -> int:
    return sum(WritingUse.objects.filter(user=user).values_list("count", flat=True))


def answer(*rows: tuple[int, str], status: str = "completed", kind: str = "output_text") -> Reply:
    """Return an answer of the Responses API."""
    text = json.dumps({"items": [{"row": row, "prompt": prompt} for row, prompt in rows]})
    content = [{"type": kind, "text": text}]
    return http({"status": status, "output": [{"type": "reasoning"}, {"type": "message", "content": content}]})


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    """A server in the place of upstream."""
    server = ScriptedServer()
    settings.OPENAI_BASE_URL = server.script.url
    yield server.script
    server.shutdown()
    server.server_close()


def test_each_row_gets_a_suggestion_with_what_it_changes(alices: Client, alice: User, upstream: Upstream) -> None:
    page = improve(alices, "a fox", "an owl").content.decode()
    assert page.count('data-choice="use"') == 2
    assert "a fox<ins>" in page
    assert counted(alice) == 2
    assert len(upstream.calls()) == 1


def test_upstream_hears_who_asks_only_as_a_hash(alices: Client, alice: User, upstream: Upstream) -> None:
    improve(alices, "a fox")
    call = upstream.calls()[-1]
    assert (call["model"], len(call["safety_identifier"])) == ("gpt-6-luna", 64)


@pytest.mark.parametrize(
    ("suggested", "is_usable"),
    [
        ("a {colour} fox in snow", True),
        ("a red fox in snow", False),
        ("a {colour} {animal} in snow", False),
        ("a {colour} fox", False),
        ("  ", False),
        ("x" * 32_001 + "{colour}", False),
    ],
)
def test_a_suggestion_keeps_variables_and_changes_something(
    alices: Client, script: Script, suggested: str, is_usable: bool
) -> None:
    script.expect(answer((1, suggested)))
    page = improve(alices, "a {colour} fox").content.decode()
    assert ("data-suggestion" in page) is is_usable
    assert ("There’s no suggestion for this prompt." in page) is not is_usable


def test_a_row_that_is_answered_twice_or_was_not_asked_for_has_no_suggestion(alices: Client, script: Script) -> None:
    script.expect(answer((1, "a red fox"), (1, "a blue fox"), (7, "a wolf")))
    assert "data-suggestion" not in improve(alices, "a fox").content.decode()


@pytest.mark.parametrize("answered", [{"items": "x"}, {"items": [1, {"row": "1"}, {"row": 1, "prompt": 2}]}, {}])
def test_an_answer_against_the_schema_has_no_suggestion(alices: Client, script: Script, answered: Any) -> None:
    content = [{"type": "output_text", "text": json.dumps(answered)}]
    script.expect(http({"status": "completed", "output": [{"type": "message", "content": content}]}))
    assert "There’s no suggestion for this prompt." in improve(alices, "a fox").content.decode()


def test_a_suggestion_is_text_and_no_markup(alices: Client, script: Script) -> None:
    script.expect(answer((1, '"><script>alert(1)</script>')))
    assert "<script" not in improve(alices, "a fox").content.decode()


FAULTS = {
    "429": "too busy. Try again in a minute",
    "refuse": "declined this text",
    "money": "isn’t available right now",
    "500": "isn’t available right now",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_is_explained_and_given_back(alices: Client, alice: User, upstream: Upstream, fault: str) -> None:
    upstream.set(fail_next={"kind": fault, "count": 1, "endpoint": "responses"})
    response = improve(alices, "a fox")
    assert response.status_code == 422
    assert FAULTS[fault] in response.content.decode()
    assert counted(alice) == 0


REPLIES = {
    "cut off": (answer((1, "a red"), status="incomplete"), "The answer was cut off."),
    "refused": (answer((1, ""), kind="refusal"), "declined this text"),
    "no JSON": (http(b"<html>"), "isn’t available right now"),
    "another shape": (http({"status": "completed", "output": []}), "isn’t available right now"),
    "dropped": (http(b"{", length=99, close=True), "didn’t answer in time"),
}


@pytest.mark.parametrize("case", REPLIES)
def test_an_answer_that_cannot_be_used_is_explained_and_given_back(
    alices: Client, alice: User, script: Script, case: str
) -> None:
    reply, sentence = REPLIES[case]
    script.expect(reply)
    assert sentence in improve(alices, "a fox").content.decode()
    assert counted(alice) == 0


def test_an_upstream_that_does_not_answer_is_given_up(
    alices: Client, alice: User, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_text, "TIMEOUT", (1.0, 0.2))
    script.expect(Reply(None))
    assert "didn’t answer in time" in improve(alices, "a fox").content.decode()
    assert counted(alice) == 0


def test_a_key_and_a_prompt_are_never_logged(
    alices: Client, script: Script, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OPENAI_API_KEY = "sk-secret-secret"
    script.expect(http({"error": {"message": "bad: a private fox, sk-secret-secret"}}, 400))
    caplog.set_level(logging.DEBUG)
    improve(alices, "a private fox")
    assert "no suggestion: bad_input" in caplog.text
    assert not {"private", "secret"} & set(caplog.text.replace("-", " ").split())


def test_a_day_has_only_so_many_suggestions(alices: Client, alice: User, upstream: Upstream, settings: Any) -> None:
    settings.WRITING_SUGGESTIONS_PER_DAY = 3
    improve(alices, "a fox", "an owl")
    assert "You have 1 suggestion left for today." in improve(alices, "a fox", "an owl").content.decode()
    improve(alices, "a cat")
    assert "You’ve used your 3 suggestions for today." in improve(alices, "a cat").content.decode()
    assert (counted(alice), len(upstream.calls())) == (3, 2)


def test_a_new_day_begins_at_zero(alices: Client, alice: User, upstream: Upstream, settings: Any) -> None:
    settings.WRITING_SUGGESTIONS_PER_DAY = 1
    WritingUse.objects.create(user=alice, day="2026-01-01", count=1)
    assert "data-suggestion" in improve(alices, "a fox").content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"row": ["1"], "prompt": []},
        {"row": ["x"], "prompt": ["a"]},
        {"row": [*range(11)], "prompt": ["a"] * 11},
        {"row": ["1"], "prompt": ["x" * 2_001]},
    ],
)
def test_what_the_script_never_sends_is_refused(alices: Client, upstream: Upstream, fields: Form) -> None:
    assert alices.post(IMPROVE, fields).status_code == 422
    assert upstream.calls() == []


def test_without_a_text_model_nothing_is_offered(alices: Client, upstream: Upstream, settings: Any) -> None:
    settings.OPENAI_TEXT_MODEL = ""
    page = alices.get(reverse("batches:new")).content.decode()
    assert "Write the list for me" not in page
    assert "isn’t available right now" in improve(alices, "a fox").content.decode()
    assert upstream.calls() == []


def test_somebody_who_asks_too_often_has_to_wait(alices: Client, upstream: Upstream) -> None:
    statuses = [alices.post(IMPROVE, {}).status_code for _ in range(70)]
    assert statuses[0] == 422
    assert 429 in statuses


def test_a_list_is_written_after_what_is_there(alices: Client, alice: User, upstream: Upstream, form: Form) -> None:
    response = alices.post(WRITE, {**form, "subject": "foxes", "prompt_count": 3, "names": "kitty"})
    shown = response.context["form"]
    lines = shown["prompts"].value().split("\n")
    assert (lines[:3], len(lines), shown["names"].value()) == (["a cat", "a dog", "a fox"], 6, "kitty")
    assert all(line.startswith("foxes, number ") for line in lines[3:])
    assert response.context["bill"].order.credits_needed == 6
    assert counted(alice) == 3
    assert not Batch.objects.exists()


def test_a_list_is_written_into_an_empty_form(alices: Client, upstream: Upstream, form: Form) -> None:
    response = alices.post(WRITE, {**form, "prompts": "", "subject": "foxes", "prompt_count": 3})
    assert len(response.context["form"]["prompts"].value().split("\n")) == 3


@pytest.mark.parametrize("wrong", [{"subject": " "}, {"prompt_count": 0}, {"prompt_count": 51}])
def test_a_list_needs_a_subject_and_a_number(alices: Client, upstream: Upstream, form: Form, wrong: Form) -> None:
    response = alices.post(
        WRITE, {**form, "prompts": "", "subject": "foxes", "prompt_count": 3, "style": "oil", **wrong}
    )
    assert response.status_code == 422
    assert response.context["list_form"].errors.keys() == wrong.keys()
    assert response.context["form"]["style"].value() == "oil"
    assert upstream.calls() == []


def test_a_refused_prompt_gets_another_wording_to_accept(
    alices: Client, alice: User, make_batch: MakeBatch, upstream: Upstream
) -> None:
    batch = make_batch(alice, ["a fox [refuse]"])
    fail_next(batch)
    address = reverse("batches:reword", args=[batch.pk, 1])
    page = alices.post(address, {"text": "a fox [refuse]"})
    suggestion = page.context["suggestion"]
    assert suggestion.startswith("a fox, ")
    assert page.context["form"]["text"].value() == "a fox [refuse]"
    used = alices.post(address, {"text": "a fox [refuse]", "suggestion": suggestion, "use": "1"})
    assert used.context["form"]["text"].value() == suggestion
    answer = alices.post(address, {"text": "a wolf", "suggestion": suggestion, "keep": "1"})
    assert answer.context["form"]["text"].value() == "a wolf"
    assert batch.prompts.get().text == "a fox [refuse]"
    assert counted(alice) == 1


@pytest.mark.parametrize("code", ["refused", "upstream_error"])
def test_another_wording_is_offered_where_it_helps(
    alices: Client, alice: User, make_batch: MakeBatch, code: str
) -> None:
    batch = make_batch(alice, 1)
    fail_next(batch, code)
    page = alices.get(reverse("batches:edit_prompt", args=[batch.pk, 1])).content.decode()
    assert ("Suggest another wording" in page) is (code == "refused")


def test_a_prompt_whose_idea_is_not_allowed_gets_no_wording(
    alices: Client, alice: User, make_batch: MakeBatch, script: Script
) -> None:
    batch = make_batch(alice, 1)
    fail_next(batch)
    script.expect(answer((1, "")))
    page = alices.post(reverse("batches:reword", args=[batch.pk, 1]), {"text": "a fox"}).content.decode()
    assert "There’s no suggestion for this prompt." in page


@pytest.mark.parametrize(
    ("before", "after"),
    [("a red fox", "a fox in snow"), ("", "a fox"), ("a fox", ""), ("¿qué? 🦊", "¿qué  es? 🦊 "), ("a\tb", "a b")],
)
def test_a_diff_has_all_of_both_texts(before: str, after: str) -> None:
    pieces = diff(before, after)
    assert "".join(text for kind, text in pieces if kind != "added") == before
    assert "".join(text for kind, text in pieces if kind != "removed") == after


def test_a_diff_of_very_long_texts_shows_both_whole() -> None:
    before, after = "one " * 2_000, "two " * 2_000
    assert diff(before, after) == [("removed", before), ("added", after)]
