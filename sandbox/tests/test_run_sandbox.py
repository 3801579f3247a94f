import os
import socket
import sys
import time

import pytest
import requests
from django.core.management import CommandError, call_command

from sandbox.management.commands import run_sandbox
from tests.processes import HOST, ROOT, Process, answers, free_port, wait_for


def test_it_refuses_to_serve_beside_a_real_key(settings, monkeypatch):
    settings.OPENAI_API_KEY = "sk-real"
    monkeypatch.setattr(os, "execvpe", lambda *_: pytest.fail("it started"))
    with pytest.raises(CommandError, match="OPENAI_API_KEY is set"):
        call_command("run_sandbox")


def test_it_becomes_the_server_on_the_loopback_address(settings, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(os, "execvpe", lambda *command: started.append(command))
    call_command("run_sandbox", port=8123)
    (_, command, environment) = started[0]
    assert "--bind=127.0.0.1:8123" in command
    assert environment["DJANGO_SETTINGS_MODULE"] == "sandbox.settings"
    assert "http://127.0.0.1:8123/" in capsys.readouterr().out


def test_its_environment_tells_where_mails_are(settings, monkeypatch):
    monkeypatch.delenv("SANDBOX_MAIL_DIR", raising=False)
    assert run_sandbox.environment()["SANDBOX_MAIL_DIR"] == settings.MAIL_DIR


HANGING_CALL = (
    b"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 44\r\n\r\n"
    b'{"model": "gpt-image-2", "prompt": "[hang]"}'
)


def test_it_ends_promptly_even_when_a_call_hangs(tmp_path):
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "run_sandbox", f"--port={port}"]
    environment = {**os.environ, "OPENAI_API_KEY": "", "VAR_DIR": str(tmp_path)}
    process = Process("sandbox", command, environment, tmp_path / "log").start()
    process.wait_until(lambda: answers(f"http://{HOST}:{port}"))
    with socket.create_connection((HOST, port)) as client:
        client.sendall(HANGING_CALL)
        wait_for(lambda: requests.get(f"http://{HOST}:{port}/sandbox/calls", timeout=5).json()["in_flight"] == 1)
        started = time.monotonic()
        process.stop()
    assert time.monotonic() - started < 5
