"""The page of examples: what it shows is what the files are."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from imagesinbulk.api.examples import FOLDER, LANGUAGES, PROGRAMS, steps

pytestmark = pytest.mark.any_database

FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.django_db
@pytest.mark.parametrize("file", FILES)
def test_every_step_is_shown_as_it_stands_in_the_file(file: str, client: Client) -> None:
    page = client.get(reverse("api_examples")).content.decode()
    # Of a webhook's receiver only the verifying is shown; the frame around it is in the file.
    parts = [part for step, parts in steps().items() if step != "webhook_start" for part in parts if part.file == file]
    assert parts
    assert [part.code for part in parts if escape(part.code) not in page] == []


def test_each_step_is_there_in_every_language() -> None:
    names = [program_step for program_step in steps() if program_step != "webhook_start"]
    assert names == ["batch_start", "submit", "wait", "save", "zip", "verify"]
    assert all([part.language for part in steps()[name]] == list(LANGUAGES) for name in names)


@pytest.mark.parametrize("file", FILES)
def test_a_program_can_be_had_whole(file: str, client: Client) -> None:
    answer = client.get(reverse("api_example", args=[file]))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == (FOLDER / file).read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize("file", ["batch.txt", "other.py", "batch", ".py", "..%2Fbatch.py"])
def test_no_other_file_can_be_had(file: str, client: Client) -> None:
    assert client.get(f"/api/v1/examples/{file}").status_code == 404


def test_every_file_is_a_program_of_the_page() -> None:
    assert sorted(f"{program}.{language}" for program in PROGRAMS for language in LANGUAGES) == FILES
