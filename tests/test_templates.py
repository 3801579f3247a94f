"""What the strict Content-Security-Policy asks of every template, style sheet and script."""

import re

import pytest
from django.template import TemplateSyntaxError, engines

from tests import source
from tests.processes import ROOT

FORBIDDEN_IN_TEMPLATES = {
    "inline style": re.compile(r"\sstyle\s*=|<style\b", re.I),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*\btype=\"application/json\")", re.I),
    "inline event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "address of another site's script or style": re.compile(r"<(script|link)\b[^>]*(src|href)=\"https?:", re.I),
}
TEMPLATES = source.files("*.html", "templates", *source.APPS, "sandbox")


@pytest.mark.parametrize("fault", FORBIDDEN_IN_TEMPLATES)
def test_no_template_has_this_fault(fault: str) -> None:
    pattern = FORBIDDEN_IN_TEMPLATES[fault]
    # Mails are read in mail programs, which know no style sheets.
    pages = (path for path in TEMPLATES if "email" not in path.parts)
    found = {str(path): pattern.findall((ROOT / path).read_text()) for path in pages}
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_email_is_spelt_in_one_way() -> None:
    assert [str(path) for path in TEMPLATES if "e-mail" in (ROOT / path).read_text().lower()] == []


def test_every_template_compiles() -> None:
    broken = {}
    for path in TEMPLATES:
        try:
            engines["django"].from_string((ROOT / path).read_text())
        except TemplateSyntaxError as error:
            broken[str(path)] = str(error)
    assert broken == {}


def test_no_style_sheet_forces_its_way() -> None:
    sheets = source.files("*.css", "static")
    assert [str(path) for path in sheets if "!important" in (ROOT / path).read_text()] == []


def test_no_script_builds_code_from_text() -> None:
    pattern = re.compile(r"\beval\(|new Function\(|\.innerHTML\b|document\.write\(")
    scripts = source.files("*.js", "static")
    assert [str(path) for path in scripts if pattern.search((ROOT / path).read_text())] == []
