"""The import map: bare names and our own modules lead to files with a hash in their names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.template import Context, Template

from imagesinbulk import import_map
from tests.processes import ROOT

PAGE = '{% load import_map %}{% import_map %}{% module "js/site/image-store.js" %}'


def rendered(page: str = PAGE) -> str:
    return Template(page).render(Context({"CSP_NONCE": "a-nonce"}))


def entries(html: str) -> dict[str, str]:
    found = re.search(r'<script type="importmap" nonce="a-nonce">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])["imports"]


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Collect the static files as for a site in production."""
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "imagesinbulk.backends.staticfiles.StaticFilesStorage"},
    }
    import_map.map_as_json.cache_clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    yield tmp_path / "static"
    import_map.map_as_json.cache_clear()


def test_the_packages_have_bare_names() -> None:
    assert {"idb", "client-zip"} <= set(entries(rendered()))


def test_each_module_of_ours_is_in_the_map() -> None:
    ours = {f"/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "static/js").rglob("*.js")}
    assert ours
    assert ours <= set(entries(rendered()))


def test_each_module_that_a_template_runs_exists() -> None:
    html = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    paths = re.findall(r'{% module "(.+?)" %}', html)
    assert paths
    assert [path for path in paths if not (ROOT / "static" / path).exists()] == []


def test_each_module_that_another_one_imports_exists() -> None:
    modules = list((ROOT / "static/js").rglob("*.js"))
    imports = [(module, path) for module in modules for path in re.findall(r'"(\.{1,2}/.+?\.js)"', module.read_text())]
    assert imports
    assert [f"{module}: {path}" for module, path in imports if not (module.parent / path).exists()] == []


def test_in_production_each_entry_leads_to_a_file_named_after_its_content(collected: Path) -> None:
    for target in entries(rendered()).values():
        assert re.search(r"\.[0-9a-f]{12}\.js$", target)
        assert (collected / target.removeprefix("/static/")).exists()


def test_a_module_is_served_as_it_was_written(collected: Path) -> None:
    target = entries(rendered())["/static/js/site/image-store.js"].removeprefix("/static/")
    assert (collected / target).read_bytes() == (ROOT / "static/js/site/image-store.js").read_bytes()


def test_a_module_runs_under_the_pages_nonce() -> None:
    assert '<script type="module" src="/static/js/site/image-store.js" nonce="a-nonce"></script>' in rendered()


def test_no_file_name_can_close_the_script_element(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(import_map.PACKAGES, "</script>", "vendor/idb/index.js")
    import_map.map_as_json.cache_clear()
    assert "</script>" in entries(rendered())
    import_map.map_as_json.cache_clear()
