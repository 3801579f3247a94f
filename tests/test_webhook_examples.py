"""The examples that verify webhooks: each believes a signed message, and no other."""

import base64
import hashlib
import hmac
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.ports import HOST, free_port
from tests.processes import ROOT, Process, answers

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = b'{"type":"batch.finished","data":{"title":"caf\xc3\xa9"}}'
EXAMPLES = ROOT / "clients/examples"
GENUINE, FORGED = 204, 401


def headers(age_seconds: int = 0, key: Any = KEY) -> dict[str, str]:
    sent_at = str(int(time.time() - age_seconds))
    digest = hmac.digest(key, f"msg_1.{sent_at}.".encode() + BODY, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": sent_at, "webhook-signature": f"v1,b2xk {signature}"}


CASES = {
    "signed": ({}, BODY, GENUINE),
    "changed": ({}, BODY + b" ", FORGED),
    "signed with another secret": ({"key": b"x" * 32}, BODY, FORGED),
    "old": ({"age_seconds": 3600}, BODY, FORGED),
}


@pytest.fixture(scope="module", params=["py", "mjs"])
def receiver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    program = {"py": sys.executable, "mjs": shutil.which("node")}[request.param]
    if not program:
        pytest.skip("there is no node")
    port, log = free_port(), tmp_path_factory.mktemp("receiver") / "log"
    command = [program, str(EXAMPLES / f"webhook.{request.param}"), str(port)]
    process = Process("receiver", command, {**os.environ, "IIB_WEBHOOK_SECRET": SECRET}, log).start()
    process.wait_until(lambda: answers(f"http://{HOST}:{port}"))
    yield f"http://{HOST}:{port}"
    process.stop()


@pytest.mark.parametrize("case", CASES)
def test_a_receiver_believes_only_what_is_genuine(receiver: Any, case: Any) -> None:
    terms, body, status = CASES[case]
    assert requests.post(receiver, data=body, headers=headers(**terms), timeout=60).status_code == status


def test_a_receiver_refuses_what_has_no_signature(receiver: Any) -> None:
    assert requests.post(receiver, data=BODY, timeout=60).status_code == FORGED


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
@pytest.mark.parametrize("case", CASES)
def test_a_shell_believes_only_what_is_genuine(case: Any) -> None:
    terms, body, status = CASES[case]
    variables = {name.upper().replace("-", "_"): value for name, value in headers(**terms).items()}
    environment = {"PATH": os.environ["PATH"], "IIB_WEBHOOK_SECRET": SECRET, **variables}
    result = subprocess.run(["bash", EXAMPLES / "webhook.sh"], input=body, env=environment, capture_output=True)
    assert (result.returncode == 0) == (status == GENUINE)
