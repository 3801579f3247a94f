"""Who may import whom: apps in one direction, layers downwards, clients as leaves (docs/architecture in short)."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from tests import source
from tests.processes import ROOT

MAY_IMPORT = {
    "lib": set(),
    "rest": {"lib"},
    "accounts": {"lib", "rest"},
    "billing": {"lib", "rest", "accounts"},
    "batches": {"lib", "rest", "accounts", "billing"},
    "operations": {"lib", "rest", "accounts", "billing", "batches"},
    "sandbox": set(),
    "imagesinbulk": {"lib", "rest", "accounts", "billing", "batches", "operations"},
}
URLS, DOORS, FORMS, PROCESSES, MODELS, PURE = range(6, 0, -1)
LAYER_BY_NAME = {"urls": URLS, "apps": URLS, "forms": FORMS, "models": MODELS}
LAYER_BY_NAME |= dict.fromkeys(("key_forms", "webhook_forms"), FORMS)
# What Django, the task engine and a shell call first.
LAYER_BY_NAME |= dict.fromkeys(
    ("views", "api", "admin", "management", "tasks", "adapters", "receivers", "checks", "templatetags"), DOORS
)
CLIENT_MAY_IMPORT = {*sys.stdlib_module_names, "requests", "urllib3", "pybase64", "django", "stripe"}
HTTP_LIBRARIES = {"requests", "urllib3", "httpx", "stripe"}


def name_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in source.program_files(*MAY_IMPORT)}


@cache
def imports_of(module: str) -> set[str]:
    """Return the dotted names that the module imports, ours as precisely as there is a file for them."""
    names: set[str] = set()
    for node in ast.walk(source.tree(MODULES[module])):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = origin_of(node, module)
            longer = {f"{base}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else base for name in longer}
    return names


def origin_of(node: ast.ImportFrom, module: str) -> str:
    """Return the dotted name that `from … import` names, relative ones resolved."""
    parts = module.split(".")
    package = parts if MODULES[module].name == "__init__.py" else parts[:-1]
    above = package[: len(package) - node.level + 1] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


def own_imports(module: str) -> set[str]:
    return {name for name in imports_of(module) if name in MODULES}


def app_of(module: str) -> str:
    return module.split(".")[0]


def is_client(module: str) -> bool:
    return "clients" in module.split(".") or module == "billing.stripe.client"


def reaches_models(module: str, seen: frozenset[str] = frozenset()) -> bool:
    if ".models" in module:
        return True
    return any(reaches_models(name, seen | {module}) for name in own_imports(module) - seen)


@cache
def layer_of(module: str) -> int:
    parts = module.split(".")
    if len(parts) > 1 and parts[1] in LAYER_BY_NAME:
        return LAYER_BY_NAME[parts[1]]
    return PROCESSES if reaches_models(module) else PURE


def may_import(importer: str, imported: str) -> bool:
    """Tell whether the layers allow it: downwards, and sideways inside a package or between inner modules."""
    upper, lower = layer_of(importer), layer_of(imported)
    same_package = importer.split(".")[:2] == imported.split(".")[:2]
    return upper > lower or (upper == lower and (same_package or upper in (PROCESSES, PURE)))


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_apps_import_in_one_direction(app: str) -> None:
    imported = {app_of(name) for module in MODULES if app_of(module) == app for name in own_imports(module)}
    assert imported - {app} <= MAY_IMPORT[app]


def test_nothing_of_the_product_imports_the_sandbox() -> None:
    """The sandbox is a project of its own, reached over HTTP. The product's tests and benchmarks count as well."""
    outside = [path for path in source.files("*.py") if path.parts[0] != "sandbox"]
    assert [
        str(path) for path in outside if re.search(r"^\s*(from|import) sandbox\b", (ROOT / path).read_text(), re.M)
    ] == []


def test_an_app_takes_only_the_inner_layers_of_another() -> None:
    crossings = {(module, name) for module in MODULES for name in own_imports(module) if app_of(module) != app_of(name)}
    inner = (PROCESSES, MODELS, PURE)
    # The project package wires: it may take the outer layers as well.
    assert {pair for pair in crossings if app_of(pair[0]) in source.APPS and layer_of(pair[1]) not in inner} == set()


def test_inside_an_app_imports_go_downwards() -> None:
    inside = {(module, name) for module in MODULES for name in own_imports(module) if app_of(module) == app_of(name)}
    ruled = {pair for pair in inside if app_of(pair[0]) in source.APPS and not is_client(pair[1])}
    assert {pair for pair in ruled if not may_import(*pair)} == set()


def test_a_client_imports_no_models_forms_or_views() -> None:
    for client in filter(is_client, MODULES):
        own = {name for name in own_imports(client) if not is_client(name)}
        foreign = {name.split(".")[0] for name in imports_of(client) - own_imports(client)}
        assert own == set(), client
        assert foreign <= CLIENT_MAY_IMPORT, client
        assert {name for name in imports_of(client) if name.startswith("django.db")} == set(), client


def test_only_clients_speak_http() -> None:
    callers = {module for module in MODULES if app_of(module) in source.APPS and not is_client(module)}
    used = {module: {name.split(".")[0] for name in imports_of(module)} & HTTP_LIBRARIES for module in callers}
    assert {module: libraries for module, libraries in used.items() if libraries} == {}


def test_views_leave_clients_to_the_process_modules() -> None:
    outer = {module for module in MODULES if layer_of(module) in (DOORS, FORMS) and app_of(module) in source.APPS}
    # What programs have Stripe do for them, beside what the site sells.
    outer -= {"billing.api.merchant"}
    assert {module for module in outer if any(is_client(name) for name in own_imports(module))} == set()


def test_only_the_settings_read_the_environment() -> None:
    readers = {module for module, path in MODULES.items() if "os.environ" in (ROOT / path).read_text()}
    starters = {"operations.management.commands.run_site", "imagesinbulk.wsgi", "imagesinbulk.celery"}
    assert {name for name in readers if app_of(name) != "sandbox"} - starters <= {"imagesinbulk.settings"}
