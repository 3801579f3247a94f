import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from sandbox import mail
from sandbox.openai.faults import FAULTS

from .conftest import Sandbox

MARK = "SANDBOX: nothing here is real"
CODE_MAIL = (
    "Hello from the site!\n\nYour sign-in code is listed below.\n\n  K7DW-9QRT  \n\nThis mail was sent to you.\n"
)


@pytest.fixture
def send(sandbox: Sandbox) -> Callable[..., None]:
    for old in sandbox.mail_dir.iterdir():
        old.unlink()

    def send(subject: str, body: str) -> None:
        message = EmailMessage(subject, body, "site@example.com", ["alice@example.org"])
        EmailBackend(file_path=str(sandbox.mail_dir)).send_messages([message])

    return send


@pytest.mark.parametrize("path", ["/", "/?live", "/mail/"])
def test_every_page_says_that_nothing_is_real(sandbox: Sandbox, path: str) -> None:
    assert MARK in sandbox.page(path).text


def test_every_page_has_a_strict_policy(sandbox: Sandbox) -> None:
    policy = sandbox.page("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_style_sheet_is_served(sandbox: Sandbox) -> None:
    path = re.search(r'href="([^"]+\.css)"', sandbox.page("/").text)[1]
    assert sandbox.page(path).headers["Content-Type"].startswith("text/css")


def test_the_home_page_lists_every_word(sandbox: Sandbox) -> None:
    text = sandbox.page("/").text
    assert [word for word in FAULTS if f"[{word}]" not in text] == []


def test_the_home_page_shows_the_last_calls_escaped(sandbox: Sandbox) -> None:
    sandbox.generate("<b>fox</b>")
    text = sandbox.page("/").text
    assert "&lt;b&gt;fox&lt;/b&gt;" in text
    assert "<b>fox</b>" not in text


def test_the_form_changes_the_settings(sandbox: Sandbox) -> None:
    browser = requests.Session()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.get(sandbox.url, timeout=60).text)[1]
    form = {"csrfmiddlewaretoken": token, "delay_seconds": "0.3", "retry_after_seconds": "1", "fail_endpoint": "images"}
    assert browser.post(f"{sandbox.url}/", data=form, timeout=60).history[0].status_code == 302
    assert requests.get(f"{sandbox.url}/sandbox/settings", timeout=60).json()["delay_seconds"] == 0.3


def test_the_form_needs_its_token(sandbox: Sandbox) -> None:
    assert requests.post(f"{sandbox.url}/", data={"delay_seconds": "9"}, timeout=60).status_code == 403


def test_another_host_name_is_refused(sandbox: Sandbox) -> None:
    assert requests.get(sandbox.url, headers={"Host": "evil.example"}, timeout=60).status_code == 400


def test_a_mail_is_listed_with_its_code(sandbox: Sandbox, send: Callable[..., Any]) -> None:
    send("Your code", CODE_MAIL)
    text = sandbox.page("/mail/").text
    assert '<p class="code">K7DW-9QRT</p>' in text
    assert "alice@example.org" in text


def test_the_newest_mail_comes_first(sandbox: Sandbox, send: Callable[..., Any]) -> None:
    for subject in ("First mail", "Second mail"):
        send(subject, "Hello")
    text = sandbox.page("/mail/").text
    assert text.index("Second mail") < text.index("First mail")


def test_a_mail_has_a_page_of_its_own(sandbox: Sandbox, send: Callable[..., Any]) -> None:
    send("Señal <script>", "Follow https://example.org/reset/ <img src=x>")
    link = re.search(r'href="(/mail/[^"]+/)"', sandbox.page("/mail/").text)[1]
    text = sandbox.page(link).text
    assert '<a href="https://example.org/reset/" rel="nofollow">' in text
    assert "Señal &lt;script&gt;" in text
    assert "&lt;img src=x&gt;" in text


@pytest.mark.parametrize("name", ["unknown-1", "..%2f..%2fsettings", "%2e%2e"])
def test_a_mail_that_does_not_exist_is_not_found(sandbox: Sandbox, name: str) -> None:
    assert sandbox.page(f"/mail/{name}/").status_code == 404


def test_a_folder_that_does_not_exist_has_no_mail(tmp_path: Path) -> None:
    assert list(mail.newest_first(tmp_path / "none")) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Code:\n\n  ABCD-EFGH\n", "ABCD-EFGH"),
        ("123-456-789", "123-456-789"),
        ("482913", "482913"),
        ("Your code is 482913, valid for five minutes.", "482913"),
        ("Tu código: K7DW-9QRT.", "K7DW-9QRT"),
        ("No digits here.\nHELLO\n2026\n", ""),
    ],
)
def test_a_one_time_code_is_found_in_the_text(text: str, code: str) -> None:
    assert mail.code_in(text) == code
