"""Asks for every address as everybody, by every method, and compares with the tables."""

from collections.abc import Collection

import pytest
from django.http.response import HttpResponseBase

from tests.authorisation import rows, table
from tests.authorisation.requests import Site, word_for
from tests.authorisation.rows import METHODS, Row
from tests.every_url import routes

pytestmark = pytest.mark.django_db

PAGES, DOOR, ADMIN, API = (rows.read(text) for text in (table.PAGES, table.ADMIN_DOOR, table.ADMIN, table.API))
ADMIN += DOOR
MODELS = rows.read_models(table.ADMIN_MODELS)
TABLES = {"pages": PAGES, "admin": ADMIN, "models": MODELS, "api": API}
#: In pieces, so that the processes of a test run finish together.
PIECES = [pytest.param(table_rows[n::4], id=f"{name}-{n}") for name, table_rows in TABLES.items() for n in range(4)]
#: Who may most reaches most queries.
MIGHTY = ("owner", "superuser", "batches:read", "batches:write", "usage:read", "superuser's key")
ADD_A_ROW = "is in no table of tests/authorisation/table.py"


def wrong_answers(site: Site, table_rows: list[Row], only: Collection[str] = ()) -> str:
    """Return, line by line, what all askers, or `only` some, are answered otherwise than the rows say."""
    return "\n".join(
        f"{row.method} {row.address} as {asker}: {got} instead of {word}"
        for row in table_rows
        for column, word in row.words.items()
        for asker in table.COLUMNS.get(column, [column])
        if (not only or asker in only) and (got := word_for(site.ask(asker, row.method, row.address, row.body))) != word
    )


def by_address(table_rows: list[Row]) -> dict[str, list[Row]]:
    return {row.address: [each for each in table_rows if each.address == row.address] for row in table_rows}


def allowed_by_other_methods(site: Site, table_rows: list[Row], askers: list[str]) -> str:
    """Return, line by line, which methods without a row give somebody more than the rows of that address do."""
    return "\n".join(
        f"{method} {address} as {asker}: {got} without a row"
        for address, there in by_address(table_rows).items()
        for method in set(METHODS) - {row.method for row in there}
        for asker in askers
        if not _is_no_more(response := site.ask(asker, method, address), {row.word_for(asker) for row in there})
        and (got := word_for(response))
    )


def _is_no_more(response: HttpResponseBase, words: set[str]) -> bool:
    lists_methods = response.request["REQUEST_METHOD"] == "OPTIONS" and response.headers["Content-Length"] == "0"
    return lists_methods or word_for(response) in {"405", *words}


def test_every_address_is_in_a_table(site: Site) -> None:
    in_tables = {rows.route_of(site.fill(row.address).partition("?")[0]) for row in (*PAGES, *ADMIN, *MODELS, *API)}
    missing = [f"/{route} ({name}) {ADD_A_ROW}" for route, name in routes().items() if route not in in_tables]
    assert "\n".join(missing) == ""


def test_every_operation_of_the_api_is_in_the_table() -> None:
    in_table = {(row.method, row.address) for row in API}
    missing = [f"{method} {path} {ADD_A_ROW}" for method, path in rows.operations() - in_table]
    assert "\n".join(missing) == ""
    assert in_table - rows.operations() == set()


@pytest.mark.any_database
@pytest.mark.parametrize("table_rows", PIECES)
def test_everybody_gets_what_the_table_says(site: Site, table_rows: list[Row]) -> None:
    assert wrong_answers(site, table_rows) == ""


@pytest.mark.mariadb
@pytest.mark.parametrize("table_rows", TABLES.values(), ids=TABLES)
def test_on_mariadb_the_mighty_get_what_the_table_says(site: Site, table_rows: list[Row]) -> None:
    assert wrong_answers(site, table_rows, MIGHTY) == ""


@pytest.mark.any_database
def test_other_methods_open_no_page(site: Site) -> None:
    assert allowed_by_other_methods(site, PAGES, ["anonymous", "stranger"]) == ""


@pytest.mark.any_database
def test_other_methods_open_nothing_of_the_admin(site: Site) -> None:
    assert allowed_by_other_methods(site, [*ADMIN, *MODELS], ["anonymous", "unproven"]) == ""


@pytest.mark.any_database
def test_other_methods_open_nothing_of_the_api(site: Site) -> None:
    assert allowed_by_other_methods(site, API, ["no key", "stranger's key", "batches:read"]) == ""


@pytest.mark.any_database
def test_no_post_works_without_a_csrf_token(site: Site) -> None:
    posts = {row.address for row in (*PAGES, *ADMIN, *MODELS) if row.method == "POST"}
    taken = {each for each in posts if site.ask("superuser", "POST", each, enforce_csrf_checks=True).status_code != 403}
    assert taken == table.WITHOUT_CSRF_TOKEN


@pytest.mark.any_database
@pytest.mark.parametrize("asker", ["viewer", "support", "finance", "content", "chief", "superuser"])
def test_each_operator_is_offered_the_actions_of_their_role(site: Site, asker: str) -> None:
    every = ("support", "finance", "content", "chief")
    theirs = every if asker in ("chief", "superuser") else (asker,)
    viewed = {label for label in rows.admin_models() if site.ask(asker, "GET", list_of(label)).status_code == 200}
    offered = {label: actions for label in viewed if (actions := offered_actions(site, asker, label))}
    assert offered == rows.admin_actions(table.ADMIN_ACTIONS, *theirs)


def list_of(label: str) -> str:
    return f"/admin/{label.replace('.', '/')}/"


def offered_actions(site: Site, asker: str, label: str) -> set[str]:
    form = site.ask(asker, "GET", list_of(label)).context_data["action_form"]
    return {value for value, _ in form.fields["action"].choices if value} if form else set()
