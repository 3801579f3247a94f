import os
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.core.management import CommandError, call_command

from sandbox.management.commands import run_sandbox
from tests.ports import HOST
from tests.processes import wait_for


def test_it_refuses_to_serve_beside_real_keys(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OPENAI_API_KEY = "sk-real"
    settings.STRIPE_SANDBOX = False
    monkeypatch.setattr(os, "execvpe", lambda *_: pytest.fail("it started"))
    with pytest.raises(CommandError, match="OPENAI_API_KEY is set"):
        call_command("run_sandbox")


def test_it_becomes_the_server_on_the_loopback_address(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started = []
    monkeypatch.setattr(os, "execvpe", lambda *command: started.append(command))
    call_command("run_sandbox", port=8123)
    (_, command, environment) = started[0]
    assert "--bind=127.0.0.1:8123" in command
    assert environment["DJANGO_SETTINGS_MODULE"] == "sandbox.settings"
    assert "http://127.0.0.1:8123/" in capsys.readouterr().out


def test_beside_a_real_key_of_openai_it_may_stand_in_for_stripe_only(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OPENAI_API_KEY = "sk-real"
    settings.STRIPE_SANDBOX = True
    monkeypatch.setenv("SANDBOX_OPENAI", "on")
    variables = run_sandbox.environment()
    assert (variables["SANDBOX_OPENAI"], variables["SANDBOX_STRIPE"]) == ("off", "on")


def test_its_environment_has_the_folder_of_emails(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDBOX_MAIL_DIR", raising=False)
    assert run_sandbox.environment()["SANDBOX_MAIL_DIR"] == settings.MAIL_DIR


HANGING_CALL = (
    b"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 44\r\n\r\n"
    b'{"model": "gpt-image-2", "prompt": "[hang]"}'
)


def test_beside_a_real_key_of_openai_no_picture_is_drawn(start_sandbox: Callable[..., Any]) -> None:
    _, url = start_sandbox(OPENAI_API_KEY="sk-real", STRIPE_SECRET_KEY="", SITE_URL="http://127.0.0.1:8000")
    key = {"Authorization": "Bearer sk_test_anything"}
    order = {"model": "gpt-image-2", "prompt": "a cat"}
    assert requests.post(f"{url}/v1/images/generations", json=order, headers=key, timeout=60).status_code == 403
    assert requests.get(f"{url}/v1/customers", headers=key, timeout=60).status_code == 200
    assert "It is off" in requests.get(url, timeout=60).text


def test_it_ends_promptly_even_when_a_call_hangs(start_sandbox: Callable[..., Any]) -> None:
    process, url = start_sandbox()
    with socket.create_connection((HOST, urlsplit(url).port)) as client:
        client.sendall(HANGING_CALL)
        wait_for(lambda: requests.get(f"{url}/sandbox/calls", timeout=60).json()["in_flight"] == 1)
        started = time.monotonic()
        process.stop()
    # gunicorn's own patience is 30 seconds.
    assert time.monotonic() - started < 25
