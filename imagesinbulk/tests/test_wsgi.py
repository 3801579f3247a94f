"""Headers that Django itself cannot read are no fault of the site."""

from typing import Any

import pytest
from django.test import RequestFactory

from imagesinbulk.handler import Handler

# Each request looks after the connection that an earlier test has left.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TOKEN = "x" * 32
UNREADABLE = "text/plain; charset*=x''y"
SAME_TOKEN_TWICE = {"HTTP_COOKIE": f"csrftoken={TOKEN}", "HTTP_X_CSRFTOKEN": TOKEN}


def status_of(method: str, path: str, **environ: str) -> int:
    statuses: list[str] = []

    def start_response(status: str, headers: list[Any]) -> None:
        statuses.append(status)

    request = RequestFactory().generic(method, path, b"a=b").environ
    Handler()({**request, **SAME_TOKEN_TWICE, **environ}, start_response)
    return int(statuses[0].split()[0])


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/.well-known/security.txt", 200), ("POST", "/account/billing/portal/", 302)]
)
@pytest.mark.parametrize("header", ["CONTENT_TYPE", "HTTP_ACCEPT"])
def test_an_unreadable_header_is_ignored(method: str, path: str, status: int, header: str) -> None:
    assert status_of(method, path, **{header: UNREADABLE}) == status


@pytest.mark.parametrize("charset", ["latin-1", "rot13", "UTF8", '"utf-7"', "hex"])
@pytest.mark.parametrize("path", ["/i18n/setlang/", "/account/billing/portal/"])
def test_a_form_in_another_charset_is_read_as_utf_8(path: str, charset: str) -> None:
    content_type = f"application/x-www-form-urlencoded;  Charset={charset}"
    assert status_of("POST", path, CONTENT_TYPE=content_type, HTTP_X_CSRFTOKEN="") in (302, 403)
