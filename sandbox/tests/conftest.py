"""A really running sandbox, one for all tests, reset before each."""

import base64
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.ports import HOST, free_port
from tests.processes import ROOT, Process, answers

KEY = {"Authorization": "Bearer sk-anything"}
DEFAULTS = {
    "delay_seconds": 0,
    "retry_after_seconds": 2,
    "image_bytes": None,
    "images_per_minute": None,
    "fail_next": None,
}


@dataclass
class Sandbox:
    """The running sandbox, as a program sees it."""

    url: str
    mail_dir: Path

    def post(self, path: str, fields: dict[str, Any], timeout: float = 60, **more: Any) -> requests.Response:
        return requests.post(f"{self.url}/v1/{path}", json=fields, headers=KEY, timeout=timeout, **more)

    def generate(self, prompt: str, timeout: float = 60, **fields: Any) -> requests.Response:
        order = {"model": "gpt-image-2.5-flare", "prompt": prompt, "size": "816x816", "quality": "low", **fields}
        return self.post("images/generations", order, timeout)

    def image(self, prompt: str, **fields: Any) -> Image.Image:
        return opened(content(self.generate(prompt, **fields)))

    def set(self, **changes: Any) -> requests.Response:
        return requests.post(f"{self.url}/sandbox/settings", json=changes, timeout=60)

    def calls(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/sandbox/calls", timeout=60).json()

    def page(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=60)


def content(response: requests.Response, number: int = 0) -> bytes:
    assert response.status_code == 200, response.text[:500]
    return base64.b64decode(response.json()["data"][number]["b64_json"])


def opened(file: bytes) -> Image.Image:
    image = Image.open(BytesIO(file))
    image.load()
    return image


def error(response: requests.Response) -> dict[str, Any]:
    return response.json()["error"]


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder, port = tmp_path_factory.mktemp("sandbox"), free_port()
    sandbox = Sandbox(f"http://{HOST}:{port}", folder / "mail")
    sandbox.mail_dir.mkdir()
    environment = {**os.environ, "OPENAI_API_KEY": "", "VAR_DIR": str(folder), "MAIL_DIR": str(sandbox.mail_dir)}
    command = [sys.executable, str(ROOT / "manage.py"), "run_sandbox", f"--port={port}"]
    process = Process("sandbox", command, environment, folder / "sandbox.log").start()
    try:
        process.wait_until(lambda: answers(sandbox.url))
        yield sandbox
    finally:
        process.stop()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.set(**DEFAULTS).raise_for_status()
    requests.delete(f"{running_sandbox.url}/sandbox/calls", timeout=60).raise_for_status()
    return running_sandbox


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[Callable[..., tuple[Process, str]]]:
    """Return what starts a sandbox of the test's own, on the same folder each time; it gives process and address."""
    processes = []

    def starter(**environment: str) -> tuple[Process, str]:
        port = free_port()
        command = [sys.executable, str(ROOT / "manage.py"), "run_sandbox", f"--port={port}"]
        variables = {**os.environ, "OPENAI_API_KEY": "", "VAR_DIR": str(tmp_path), **environment}
        process = Process("sandbox", command, variables, tmp_path / "log").start()
        processes.append(process)
        process.wait_until(lambda: answers(f"http://{HOST}:{port}"))
        return process, f"http://{HOST}:{port}"

    yield starter
    for process in processes:
        process.stop()
