"""Who may import whom: a table of layers, clients as leaves, the environment read in one place."""

import ast
import sys
from functools import cache
from pathlib import Path

from tests import source
from tests.processes import ROOT

#: From bottom to top. A module belongs to the longest name here that begins its own, and imports from its own line or
#: from those above it in this table. `sandbox` imports nothing of ours, and nothing of ours imports it.
LAYERS = """
lib
rest

accounts.models  accounts.audit.flood  accounts.audit.security_log  accounts.audit.origin
accounts.requests  accounts.keys  accounts.emails  accounts.unsubscribing  accounts.passwords  accounts.mfa.credentials
accounts.sessions  accounts.audit
accounts.reauthentication  accounts.mfa  accounts.verification  accounts.erasure
accounts.adapters  accounts.forms  accounts.receivers  accounts.audit.receivers  accounts.audit.adapter
accounts.views  accounts.admin  accounts.management  accounts.templatetags  accounts.audit.admin  accounts.audit.views
accounts.urls  accounts.apps

billing.plans  billing.refusals  billing.months  billing.plan_filter
billing.models
billing.credits
billing.entitlements  billing.quotas
billing.stripe.client  billing.stripe.fields  billing.stripe.portal  billing.stripe.catalogue
billing.payments
billing.stripe
billing.program_key
billing.views  billing.api  billing.admin  billing.management  billing.receivers
billing.urls  billing.apps

batches.choices  batches.lists  batches.pictures  batches.clients  batches.webhooks.schemas
batches.models
batches.access  batches.ledger_check  batches.references  batches.runs  batches.predictions  batches.delivery
batches.progress
batches.webhooks  batches.keys  batches.usage  batches.emails
batches.orders
batches.lifecycle  batches.editing  batches.periodic  batches.tasks  batches.presets  batches.review  batches.writing
batches.erasure  batches.references.for_the_rest
batches.forms  batches.review.forms  batches.editing.forms
batches.views  batches.api  batches.admin  batches.management  batches.presets.views  batches.references.views
batches.review.views  batches.writing.views  batches.predictions.views  batches.editing.views
batches.urls  batches.apps

privacy.models
privacy.deletion  privacy.legal  privacy.export
privacy.retention
privacy.middleware  privacy.views  privacy.forms  privacy.admin  privacy.legal.views  privacy.management
privacy.urls  privacy.legal.urls  privacy.apps

operations.processes  operations.supervisor
operations.models
operations.monitoring
operations.dashboard
operations.monitoring.alarms  operations.monitoring.jobs
operations.notices
operations.customers.roles  operations.customers.suspension
operations.schema_script  operations.backup  operations.stripe_dashboard
operations.smoke
operations.customers.forms  operations.customers.plan
operations.monitoring.views  operations.dashboard.views  operations.admin  operations.admin_site  operations.management
operations.checks
operations.apps

imagesinbulk
"""
#: What the web server, the admin or a shell calls first: no other app imports it, and it calls no client.
OUTER = {
    "urls",
    "apps",
    "views",
    "forms",
    "admin",
    "api",
    "management",
    "adapters",
    "receivers",
    "templatetags",
    "tasks",
}
RANKS = {name: rank for rank, line in enumerate(LAYERS.splitlines()) for name in line.split()}
CLIENT_MAY_IMPORT = {*sys.stdlib_module_names, "requests", "urllib3", "pybase64", "django", "stripe"}
APPS = ("lib", "rest", *source.APPS, "sandbox", "imagesinbulk")
HTTP_LIBRARIES = {"requests", "urllib3", "httpx", "stripe"}


def name_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in source.program_files(*APPS)}


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


def rank_of(module: str) -> int | None:
    """Return the line of the table that the module belongs to."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((RANKS[name] for name in names if name in RANKS), None)


def is_outer(module: str) -> bool:
    return not OUTER.isdisjoint(module.split(".")[1:])


def ranked(*apps: str) -> set[str]:
    """Return the modules that the table has to name; a package itself only gathers what is in it."""
    return {module for module in MODULES if app_of(module) in (apps or APPS) and app_of(module) != "sandbox"}


def test_each_module_has_a_place_in_the_table() -> None:
    assert {name for name in ranked() if rank_of(name) is None and MODULES[name].name != "__init__.py"} == set()


def test_each_name_of_the_table_is_a_module() -> None:
    assert set(RANKS) - set(MODULES) == set()


def test_modules_import_from_their_own_line_or_from_lines_above_it() -> None:
    pairs = {(module, name) for module in ranked() for name in own_imports(module)}
    assert {(m, n) for m, n in pairs if (rank_of(m) or 0) < (rank_of(n) or 0)} == set()


def test_only_the_sandbox_imports_the_sandbox() -> None:
    assert {app_of(module) for module in MODULES if any(app_of(n) == "sandbox" for n in own_imports(module))} == {
        "sandbox"
    }
    ours = {name for module in MODULES if app_of(module) == "sandbox" for name in own_imports(module)}
    assert {app_of(name) for name in ours} == {"sandbox"}


def test_an_app_takes_only_the_inner_modules_of_another() -> None:
    crossings = {(m, n) for m in ranked(*source.APPS) for n in own_imports(m) if app_of(m) != app_of(n)}
    assert {(m, n) for m, n in crossings if is_outer(n)} == set()


def test_a_client_imports_no_models_forms_or_views() -> None:
    clients = list(filter(is_client, MODULES))
    assert clients
    for client in clients:
        own = {name for name in own_imports(client) if not is_client(name)}
        foreign = {name.split(".")[0] for name in imports_of(client) - own_imports(client)}
        assert own == set(), client
        assert foreign <= CLIENT_MAY_IMPORT, client
        assert {name for name in imports_of(client) if name.startswith("django.db")} == set(), client


def test_only_clients_speak_http() -> None:
    callers = {module for module in MODULES if app_of(module) in source.APPS and not is_client(module)}
    used = {module: {name.split(".")[0] for name in imports_of(module)} & HTTP_LIBRARIES for module in callers}
    assert {module: libraries for module, libraries in used.items() if libraries} == {}


def test_views_leave_clients_to_what_is_below() -> None:
    # `merchant` is what programs have Stripe do for them, apart from what the site sells.
    outer = {module for module in ranked(*source.APPS) if is_outer(module)} - {"billing.api.merchant", "billing.apps"}
    assert {module for module in outer if any(is_client(name) for name in own_imports(module))} == set()


def test_only_the_settings_read_the_environment() -> None:
    readers = {module for module, path in MODULES.items() if "os.environ" in (ROOT / path).read_text()}
    starters = {
        "operations.management.commands.run_site",
        "operations.backup",
        "imagesinbulk.wsgi",
        "imagesinbulk.celery",
    }
    assert {name for name in readers if app_of(name) != "sandbox"} - starters <= {"imagesinbulk.settings"}
