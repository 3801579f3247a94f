"""The docs name every variable, command, state and make target that there is."""

import re

import pytest
from django.core.management import get_commands

from batches import choices
from batches.clients import openai
from batches.runs import turns
from tests import source
from tests.processes import ROOT

CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
COMMANDS = (ROOT / "docs/commands.md").read_text()
STATES = (ROOT / "docs/states.md").read_text()
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

READ_BY_SETTINGS = re.compile(r"\benv\.\w+\(\s*\"([A-Z_]+)\"")
READ_BY_SANDBOX = re.compile(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"")


def variables() -> set[str]:
    """Return the names of all environment variables that the site or its sandbox reads."""
    of_site = READ_BY_SETTINGS.findall((ROOT / "imagesinbulk/settings.py").read_text())
    sandbox = "\n".join((ROOT / path).read_text() for path in source.program_files("sandbox"))
    return {*of_site, *READ_BY_SANDBOX.findall(sandbox)} - {"DJANGO_SETTINGS_MODULE"}


def test_each_environment_variable_is_documented() -> None:
    assert {name for name in variables() if f"`{name}`" not in CONFIGURATION} == set()


def test_no_variable_is_documented_that_nothing_reads() -> None:
    documented = set(re.findall(r"^\| ((?:`[A-Z_]+` ?)+)\|", CONFIGURATION, re.M))
    names = {name for cell in documented for name in re.findall(r"[A-Z_]+", cell)}
    assert names - variables() == set()


def test_each_management_command_is_documented() -> None:
    ours = {name for name, app in get_commands().items() if app in (*source.APPS, "sandbox")}
    assert {name for name in ours if f"`{name}" not in COMMANDS} == set()


@pytest.mark.parametrize("kind", [choices.BatchStatus, choices.PromptStatus, choices.WaitReason])
def test_each_state_is_documented(kind: type[choices.TextChoices]) -> None:
    assert {value for value in kind.values if f"`{value}`" not in STATES} == set()


def test_the_time_that_a_worker_needs_to_stop_is_documented() -> None:
    assert f"TimeoutStopSec={turns.STOP_SECONDS}`" in COMMANDS
    assert f"within {openai.CALL_SECONDS} s" in COMMANDS


def test_each_make_target_is_explained_in_its_file() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)
    assert targets is not None
    explained = set(re.findall(r"^# make ([\w-]+)", MAKEFILE, re.M))
    assert set(targets[1].split()) - {"help"} == explained


def test_each_command_stands_on_a_line_of_its_own() -> None:
    pages = {page: (ROOT / page).read_text() for page in source.files("*.md", "docs")}
    blocks = [
        (page, block) for page, text in pages.items() for block in re.findall(r"^```\n(.+?)^```", text, re.M | re.S)
    ]
    lines = [(page, line) for page, block in blocks for line in block.splitlines() if "&&" not in line]
    assert lines
    assert [(page, line) for page, line in lines if len(re.findall(r"manage\.py |\bsudo ", line)) > 1] == []


def test_the_docs_link_only_to_files_that_exist() -> None:
    pages = [ROOT / path for path in source.files("*.md", "docs", "sandbox")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#]+)", page.read_text())]
    assert links
    assert [(page, link) for page, link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_readme_shows_the_two_commands() -> None:
    assert "make run" in README
    assert "make test" in README


def test_each_page_that_a_program_names_is_there() -> None:
    text = "\n".join((ROOT / path).read_text() for path in source.files("*.py"))
    named = re.findall(r"\bdocs/(?:decisions/\d{4}|[\w-]+\.md)", text)
    assert {name for name in named if not list(ROOT.glob(f"{name}*"))} == set()


def test_the_files_that_a_page_names_exist() -> None:
    names = re.compile(r"(?<=[`\s])((?:[\w.-]+/)+[\w.-]+\.(?:py|js|html|css|sql))(?=[`\s])")
    named = [(page, name) for page in source.files("*.md", "docs") for name in names.findall((ROOT / page).read_text())]
    assert named
    assert [(page, name) for page, name in named if not (ROOT / name).exists()] == []
