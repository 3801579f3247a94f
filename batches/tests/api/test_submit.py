"""POST /batches: what is sent is what is made, what cannot be is named by row, and too much is refused."""

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import ApiKey, User
from batches.api.schemas import NewBatch
from batches.models import Batch, Prompt
from billing import plans
from billing.credits import ledger
from billing.models import Hold
from tests.counting import count_queries

from .conftest import MakeProgram, Program

OPTIONS = ("name", "ratio", "format", "style", "model", "quality")
ROW = {"prompt": "a fox", "name": "fox", "ratio": "16:9", "format": "jpg", "style": "in oil", "quality": "medium"}


def faults(program: Program, **body: Any) -> list[tuple[int | None, str, str]]:
    """Send a body, which must be refused; return row, field and code of what is wrong."""
    answer = program("POST", "/batches", body)
    assert answer.status_code == 422
    assert not Batch.objects.exists()
    return [(each["row"], each["field"], each["code"]) for each in answer.json()["errors"]]


def test_a_batch_is_submitted(alices: Program) -> None:
    answer = alices("POST", "/batches", {"prompts": ["a cat", ROW], "names": ["kitty"], "title": "Pets"})
    batch = Batch.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(batch.pk), "status": "queued", "total": 2, "credits": {"needed": 3, "left": 5002},
        "url": f"http://testserver/api/v1/batches/{batch.pk}",
    }  # fmt: skip
    assert answer.headers["Location"] == answer.json()["url"]


def test_each_row_is_made_as_it_says(alices: Program) -> None:
    alices("POST", "/batches", {"prompts": ["a cat", ROW], "names": ["kitty", "never used"]})
    rows = Batch.objects.get().prompts.order_by("position").values_list("text", "file_name", "ratio", "style")
    assert list(rows) == [("a cat", "kitty.png", "1:1", ""), ("a fox", "fox.jpg", "16:9", "in oil")]


def test_null_is_taken_for_every_optional_field(alices: Program) -> None:
    nulls = dict.fromkeys(set(NewBatch.model_fields) - {"prompts"})
    bodies: list[Any] = [{"prompts": [{"prompt": "a cat"} | dict.fromkeys(OPTIONS)], **nulls}, {"prompts": ["a cat"]}]
    assert [alices("POST", "/batches", body).status_code for body in bodies] == [201, 201]
    chosen = ("image_model", "quality", "format", "ratio", "style", "title", "webhook_url")
    assert len(set(Batch.objects.values_list(*chosen))) == 1


def test_a_null_among_the_names_is_a_row_without_one(alices: Program) -> None:
    alices("POST", "/batches", {"prompts": ["a cat", "a fox"], "names": [None, "fox"]})
    assert list(Batch.objects.get().prompts.order_by("position").values_list("file_name", flat=True)) == [
        "a cat.png",
        "fox.png",
    ]


def test_half_a_surrogate_is_dropped_and_its_row_is_named_if_nothing_is_left(alices: Program) -> None:
    body = rb'{"prompts": ["a \ud83d cat", "\ud800", "' + b"\xed\xa0\x80" + rb'"], "title": "\ud83d\ude00"}'
    errors = alices("POST", "/batches", body).json()["errors"]
    assert [(each["row"], each["code"]) for each in errors] == [(2, "empty_prompt"), (3, "empty_prompt")]


def test_the_batch_knows_its_key_and_webhook(alices: Program) -> None:
    alices("POST", "/batches", {"prompts": ["a cat"], "webhook_url": "https://example.org/hook"})
    batch = Batch.objects.get()
    assert (batch.api_key, batch.webhook_url) == (ApiKey.objects.get(), "https://example.org/hook")


def test_a_dry_run_is_the_bill_and_stores_nothing(alices: Program) -> None:
    answer = alices("POST", "/batches?dry_run=true", {"prompts": ["a cat", ROW]})
    assert answer.status_code == 200
    assert answer.json()["credits"] == {"needed": 3, "left": 5005}
    assert [row["name"] for row in answer.json()["images"]] == ["a cat.png", "fox.jpg"]
    assert not Hold.objects.exists()


def test_a_dry_run_says_why_the_batch_could_not_start(alices: Program, alice: User) -> None:
    ledger.grant_by_operator(alice, -5_000, "taken back")
    answer = alices("POST", "/batches?dry_run=true", {"prompts": ["a cat"] * 6})
    assert answer.json()["refusal"]["code"] == "not_enough_credits"


def test_what_is_wrong_is_named_by_row(alices: Program) -> None:
    prompts = ["a cat", {"prompt": "b", "ratio": "4:3"}, " ", {"prompt": "d", "format": "gif"}]
    assert faults(alices, prompts=prompts) == [
        (3, "prompt", "empty_prompt"), (2, "ratio", "unknown_ratio"), (4, "format", "unknown_format"),
    ]  # fmt: skip


@pytest.mark.parametrize("entry", [3, None, ["a cat"], {}, {"prompt": 1}, {"prompt": "a", "size": 1}])
def test_an_entry_that_is_no_prompt_is_named_by_row(alices: Program, entry: Any) -> None:
    assert [row for row, _, _ in faults(alices, prompts=["a cat", entry])] == [2]


#: Changes of a good body, and the field that is then wrong.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"prompts": []}, "prompts"),
    ({"prompts": ["a"] * 1001}, "prompts"),
    ({"names": ["1", "2"]}, "names"),
    ({"model": "dall-e-9"}, "model"),
    ({"quality": "best"}, "quality"),
    ({"format": "gif"}, "format"),
    ({"ratio": "4:3"}, "ratio"),
    ({"style": "x" * 2001}, "style"),
    ({"title": "x" * 121}, "title"),
    ({"title": "a\x00b"}, "title"),
    ({"webhook_url": "nonsense"}, "webhook_url"),
    ({"webhook_url": "https://10.0.0.1/hook"}, "webhook_url"),
    ({"webhook_url": "https://[::ffff:10.0.0.1]/hook"}, "webhook_url"),
    ({"mode": "later"}, "mode"),
    ({"size": "1024x1024"}, "size"),
]


def test_a_wrong_value_is_named_by_field(alices: Program) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [({"prompts": ["a cat"], **changes}, field) for changes, field in WRONG]
    found = [(body, [name for _, name, _ in faults(alices, **body)]) for body, _ in bodies]
    assert found == [(body, [field]) for body, field in bodies]


def test_many_wrong_entries_are_one_error(alices: Program) -> None:
    assert faults(alices, prompts=[0] * 50_000) == [(None, "prompts", "too_many_prompts")]


@pytest.mark.parametrize("entry", [b"[]", b"{}", b"0", b'""', b'"\\""'])
def test_a_body_of_a_million_values_is_refused_before_it_is_parsed(
    alices: Program, monkeypatch: pytest.MonkeyPatch, entry: bytes
) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr("imagesinbulk.api.routes.json", SimpleNamespace(loads=parsed.append))
    answer = alices("POST", "/batches", b'{"prompts": [' + b",".join([entry] * 1_000_000) + b"]}")
    assert (answer.status_code, parsed) == (400, [])
    assert "too many values" in answer.json()["detail"]


def test_the_commas_and_quotes_of_prompts_are_not_counted_as_values(alices: Program) -> None:
    assert faults(alices, prompts=['a "red" cat, \\, ' + "," * 200_000]) == [(1, "prompt", "prompt_too_long")]


def test_economy_is_not_offered_yet(alices: Program) -> None:
    assert faults(alices, prompts=["a cat"], mode="economy") == [(None, "mode", "not_offered_yet")]


def test_too_few_credits_is_402(program: MakeProgram, bob: User, give_plan: Any, image_model: Any) -> None:
    give_plan(bob, plans.STARTER)
    answer = program(bob)("POST", "/batches", {"prompts": ["a cat"] * 256})
    assert answer.status_code == 402
    assert answer.json()["type"].endswith("#not_enough_credits")


def test_a_list_too_long_for_the_plan_is_422(program: MakeProgram, bob: User, give_plan: Any, image_model: Any) -> None:
    give_plan(bob, plans.STARTER)
    assert [code for _, _, code in faults(program(bob), prompts=["a cat"] * 501)] == ["list_too_long"]


def test_too_many_starts_is_429_with_the_seconds_to_wait(alices: Program) -> None:
    answers = [alices("POST", "/batches", {"prompts": ["a cat"]}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert 3_500 < int(answers[-1].headers["Retry-After"]) <= 3_600


def test_a_keys_own_limit_is_402(program: MakeProgram, alice: User, image_model: Any) -> None:
    answer = program(alice, monthly_credit_limit=1)("POST", "/batches", {"prompts": ["a cat", "a dog"]})
    assert (answer.status_code, answer.json()["type"]) == (402, "/api/v1/docs#key_limit_reached")


def test_a_thousand_prompts_take_no_more_queries_than_ten_but_to_insert_them(alices: Program) -> None:
    alices("POST", "/batches", {"prompts": ["a cat"]})
    bodies = ({"prompts": [ROW] * count} for count in (10, 1000))
    few, many = (count_queries(lambda body=body: alices("POST", "/batches", body)) for body in bodies)
    # Django stores at most 999 values with one statement on SQLite.
    rows_per_statement = 999 // (len(Prompt._meta.concrete_fields) - 1)
    assert many - few <= 1000 / rows_per_statement
