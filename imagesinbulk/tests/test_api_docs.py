"""The page of the API: every operation and every problem is on it, and it needs no script."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.api.schemas import NewBatch, PromptRow
from batches.webhooks.schemas import ABOUT_BATCHES, ImageReady, ReadyImage
from imagesinbulk.api import reference
from imagesinbulk.api.openapi import operations_of
from imagesinbulk.api.routes import api
from rest.problems import KINDS

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def html(client: Client) -> str:
    """The page as anybody sees it."""
    answer = client.get(reverse("api_docs"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_operation_is_described(html: str) -> None:
    operations = operations_of(api.get_openapi_schema())
    assert [each["summary"] for each in operations if f'id="{each["operationId"]}"' not in html] == []


def test_each_field_of_a_body_is_shown_with_its_limit(html: str) -> None:
    fields = [*NewBatch.model_fields, *(f"prompts[].{name}" for name in PromptRow.model_fields)]
    assert [name for name in fields if f"<code>{name}</code>" not in html] == []
    assert "string, up to 2,000 characters" in html
    assert "1:1 | 9:16 | 16:9; default <code>1:1</code>" in html


def test_the_type_of_each_problem_leads_to_its_line(html: str) -> None:
    assert [code for code in KINDS if f'id="{code}"' not in html] == []


def test_each_operation_names_its_scope_and_shows_examples(html: str) -> None:
    assert "<code>batches:write</code>" in html
    assert "&quot;a red fox in the snow&quot;" in html


def test_the_example_of_a_form_has_fields_of_its_operation_and_all_required_ones() -> None:
    operations = [operation for group in reference.groups() for operation in group["operations"]]
    forms = [(set(re.findall(r"--form (\w+)=", each["curl"])), each["body_fields"]) for each in operations]
    assert len([sent for sent, _ in forms if sent]) == 3
    for sent, fields in forms:
        if sent:
            assert {field["name"] for field in fields if field["is_required"]} <= sent
            assert sent <= {field["name"] for field in fields}


def test_an_operation_names_its_own_problems(html: str) -> None:
    submit = html.partition('id="submit_batch"')[2].partition('id="list_batches"')[0]
    pause = html.partition('id="pause_batch"')[2].partition('id="resume_batch"')[0]
    assert 'href="#list_too_long"' in submit
    assert 'href="#wrong_state"' in pause
    assert 'href="#not_enough_credits"' not in pause


def test_each_webhook_is_shown_with_its_fields(html: str) -> None:
    assert [event for event in ABOUT_BATCHES if f'id="{event.value}"' not in html] == []
    message = html.partition('id="image.ready"')[2].partition("</section>")[0]
    names = [*ImageReady.model_fields, *(f"data.image.{name}" for name in ReadyImage.model_fields)]
    assert [name for name in names if f"<code>{name}</code>" not in message] == []


def test_each_place_on_the_page_is_there_once(html: str) -> None:
    places = re.findall(r' id="([^"]+)"', html)
    assert len(set(places)) == len(places)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(places)


def test_it_needs_no_script(html: str) -> None:
    assert "<script" not in html


def test_the_page_is_in_the_readers_language_and_the_reference_in_english(client: Client) -> None:
    html = client.get(reverse("api_docs"), headers={"Accept-Language": "es"}).content.decode()
    assert '<html lang="es"' in html
    assert "Submit a list" in html


@pytest.mark.parametrize("name", ["home", "api_examples", "account"])
def test_these_pages_link_to_the_api_docs(name: str, client: Client, alice: User) -> None:
    client.force_login(alice)
    assert f'href="{reverse("api_docs")}"' in client.get(reverse(name)).content.decode()
