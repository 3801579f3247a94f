"""Reads the tables, and what the site really has: the routes of paths and the operations of the API."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import resolve

from imagesinbulk.api.routes import api
from tests.authorisation import table

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
#: What those get who have no business in the admin, or have not presented their second factor.
NOT_OF_THE_ADMIN = dict.fromkeys(("anonymous", "customers", "unproven", "no-factor"), "sign-in")
Operation = tuple[str, str]
#: A form's fields, or a text that is JSON.
Body = dict[str, str] | str | None


@dataclass(frozen=True)
class Row:
    """One line: an address, a method, and the word for what each column's askers get."""

    method: str
    address: str
    words: dict[str, str]
    body: Body = None

    def word_for(self, asker: str) -> str:
        return next(word for column, word in self.words.items() if asker in table.COLUMNS.get(column, [column]))


def read(text: str) -> list[Row]:
    """Return the rows of a table; a line with two methods, as in GET+POST, stands for two."""
    header, *lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    columns = header[2:]
    return [
        Row(method, address, dict(zip(columns, words, strict=True)), table.BODIES.get((method, address)))
        for methods, address, *words in lines
        for method in methods.split("+")
    ]


def read_models(text: str) -> list[Row]:
    """Return the rows of the admin's pages of each model, from what each role may do with it."""
    header, *lines = [line.split() for line in text.splitlines() if line.strip()]
    return [
        page
        for label, *cells in lines
        for page in _pages_of(label, dict(zip(header[1:], map(_powers, cells), strict=True)))
    ]


def _powers(cell: str) -> set[str]:
    return {"view", "add", "change", "delete"} if cell == "all" else set(cell.split(","))


def admin_actions(text: str, *roles: str) -> dict[str, set[str]]:
    """Return the actions of each model that one of these roles has."""
    _, *lines = [line.split() for line in text.splitlines() if line.strip()]
    return {label: set(actions.split(",")) for label, role, actions in lines if role in roles}


def _pages_of(label: str, powers: dict[str, set[str]]) -> Iterator[Row]:
    app, model = label.split(".")
    a_list, page = f"/admin/{app}/{model}/", f"/admin/{app}/{model}/{{{label}}}/"
    # Which power opens it, and what it then answers; a POST to a list, or without any field, shows a page again.
    for method, address, power, answer in (
        ("GET", a_list, "view", "page"),
        ("GET", f"{a_list}add/", "add", "page"),
        ("POST", f"{a_list}add/", "add", "page"),
        ("GET", f"{page}history/", "view", "page"),
        ("GET", f"{page}change/", "view", "page"),
        ("POST", f"{page}change/", "change", "page"),
        ("GET", f"{page}delete/", "delete", "page"),
        ("POST", f"{page}delete/", "delete", "moved"),
        ("GET", page, "", "moved"),
    ):
        words = {role: answer if not power or power in may else "403" for role, may in powers.items()}
        body = {"post": "yes"} if power == "delete" else table.BODIES.get((method, address))
        yield Row(method, address, {**NOT_OF_THE_ADMIN, "staff": "403" if power else answer, **words}, body)


def route_of(path: str) -> str:
    """Return the route that a path takes; raises `Resolver404`."""
    return str(resolve(path).route)


def operations() -> set[Operation]:
    """Return every operation that the API describes."""
    paths = api.get_openapi_schema()["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item}


def admin_models() -> set[str]:
    return {model._meta.label_lower for model in admin.site._registry}
