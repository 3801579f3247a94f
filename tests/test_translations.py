"""Spanish is complete, and says the same as the English that it translates."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import allauth
import django
import polib
import pytest

from tests.source import ROOT, program_files, tree

FOLDER = Path("locale/es/LC_MESSAGES")
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
CATALOGUE = polib.pofile(ROOT / FOLDER / "django.po")
#: What must be in a translation as it is in the original: values, HTML tags, addresses and entities.
MARKUP = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?\w+[^>]*>|https?://\S+|&\w+;")
NOT_SOURCE = shutil.ignore_patterns(".*", "node_modules", "var", "screenshots", "bench-results", "__pycache__")


def translations(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Return each original of the entry with its translation, once for each plural form."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    one, *several = (entry.msgstr_plural[n] for n in sorted(entry.msgstr_plural))
    return [(entry.msgid, one), *((entry.msgid_plural, text) for text in several)]


def pairs() -> list[tuple[str, str]]:
    """Return each original with its translation."""
    return [pair for entry in CATALOGUE for pair in translations(entry)]


def test_every_message_is_translated() -> None:
    assert [entry.msgid for entry in CATALOGUE if not entry.translated()] == []


def test_no_translation_is_a_guess() -> None:
    assert [entry.msgid for entry in CATALOGUE if entry.fuzzy or entry.obsolete] == []


def test_no_message_is_inside_an_f_string() -> None:
    """`makemessages` does not find it there, so it would stay in English."""
    nested = (
        f"{path}:{call.lineno}"
        for path in program_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in GETTEXT
    )
    assert list(nested) == []


def test_every_plural_has_all_its_forms() -> None:
    plurals = [entry for entry in CATALOGUE if entry.msgid_plural]
    assert "nplurals=3" in CATALOGUE.metadata["Plural-Forms"]
    assert [entry.msgid for entry in plurals if set(entry.msgstr_plural) != {0, 1, 2}] == []


def test_values_and_tags_survive_translation() -> None:
    changed = [text for original, text in pairs() if sorted(MARKUP.findall(original)) != sorted(MARKUP.findall(text))]
    assert changed == []


def test_sentences_end_as_they_do_in_english() -> None:
    marks = (".", ":", "?", "…", "!")
    changed = [text for original, text in pairs() if original.endswith(marks) and original[-1] != text[-1]]
    assert changed == []


def test_spanish_questions_open_with_their_mark() -> None:
    sentences = [re.sub("<code>.*?</code>", "", text) for _, text in pairs()]
    assert [text for text in sentences if text.count("?") != text.count("¿")] == []


@pytest.mark.parametrize("state", ["Ready", "Failed", "Cancelled"])
def test_counts_of_images_also_fit_videos(state: str) -> None:
    """Spanish has "las imágenes listas", but "los videos listos"."""
    counts = (entry for entry in CATALOGUE if entry.msgctxt == "images" or "run_ended" in str(entry.occurrences))
    words = [entry.msgstr for entry in counts if re.match(rf"{state}(:|$)", entry.msgid)]
    words += [entry.msgstr for entry in CATALOGUE if entry.msgid == f"{state} (not charged)"]
    assert words
    assert [text for text in words if re.match(r"\w+[ao]s\b", text)] == []


def test_nobody_is_called_usted() -> None:
    formal = re.compile(r"\b(usted|ustedes|su cuenta|su correo|haga|escriba|elija|pulse)\b", re.IGNORECASE)
    assert [text for _, text in pairs() if formal.search(text)] == []


def test_spanish_always_says_eliminar_for_delete() -> None:
    """`eliminar`, as in the buttons; `borrar` is for erasing what was drawn, and a `borrador` is a draft."""
    other = re.compile(r"\bb(?:o|ó)rr(?!ador)\w+", re.IGNORECASE)
    legal = [path.read_text() for path in (ROOT / "templates/privacy/legal/es").glob("*.md")]
    assert [found for text in [*legal, *(text for _, text in pairs())] for found in other.findall(text)] == []


def test_what_is_compiled_is_what_was_written() -> None:
    compiled = polib.mofile(ROOT / FOLDER / "django.mo")
    assert {_key(entry): translations(entry) for entry in compiled} == {
        _key(entry): translations(entry) for entry in CATALOGUE
    }


def _key(entry: polib.POEntry | polib.MOEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


@pytest.mark.skipif(not (shutil.which("xgettext") and shutil.which("make")), reason="gettext or make is missing")
def test_make_messages_finds_nothing_new(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT, site, ignore=NOT_SOURCE)
    (site / ".venv").symlink_to(ROOT / ".venv")
    command = ["make", "--directory", site, "--old-file", ".venv/requirements.installed", "messages"]
    subprocess.run(command, check=True, capture_output=True)
    found = polib.pofile(site / FOLDER / "django.po")
    assert {_key(entry) for entry in found} == {_key(entry) for entry in CATALOGUE}


def test_borrowed_sentences_are_still_said_by_the_packages() -> None:
    packages = (Path(django.__file__).parent / "conf", Path(django.__file__).parent / "contrib" / "auth")
    said = {
        entry.msgid
        for folder in (*packages, Path(allauth.__file__).parent)
        for entry in polib.mofile(folder / FOLDER / "django.mo")
    }
    borrowed = [entry.msgid for entry in CATALOGUE if ("imagesinbulk/third_party_strings.py", "") in entry.occurrences]
    assert len(borrowed) > 50
    assert set(borrowed) <= said
