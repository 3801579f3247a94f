"""The page of the API: every operation and every problem is on it, and it needs no script."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.problems import KINDS
from imagesinbulk.api import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def html(client: Client) -> str:
    """The page as anybody sees it."""
    answer = client.get(reverse("api_docs"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_operation_is_described(html: str) -> None:
    operations = [operation for path in api.get_openapi_schema()["paths"].values() for operation in path.values()]
    assert [each["summary"] for each in operations if f'id="{each["operationId"]}"' not in html] == []


def test_the_type_of_each_problem_leads_to_its_line(html: str) -> None:
    assert [code for code in KINDS if f'id="{code}"' not in html] == []


def test_each_operation_names_its_scope_and_shows_examples(html: str) -> None:
    assert "<code>batches:write</code>" in html
    assert "&quot;a red fox in the snow&quot;" in html


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


def test_the_footer_leads_to_it(client: Client) -> None:
    assert reverse("api_docs") in client.get(reverse("home")).content.decode()
