"""What web and worker print while batches run, fail and go on hold: JSON, without prompts, keys or addresses."""

import json
import re
from collections.abc import Iterator

import pytest
import requests

from tests.processes import Process, wait_for
from tests.servers import Stack, stack

#: Markers, one for each kind of secret.
CUSTOMER, OPERATOR, STRANGER = "customer.zq@example.org", "operator.zq@example.org", "stranger.zq@example.org"
PROMPTS = ["zqplain", "zqrefused [refuse]", "zqbad [bad input]", "zqfault [500]", "zqgarbage [garbage]", "zqkey [key]"]


@pytest.fixture(scope="module")
def site() -> Iterator[Stack]:
    """Run a site that logs as JSON, and whose mails are not printed."""
    settings = {"LOG_FORMAT": "json", "EMAIL_URL": "dummymail://", "SANDBOX_DELAY_SECONDS": "0"}
    with stack("embedded", **settings) as site:
        site.start("sandbox", "web", "worker")
        yield site


@pytest.fixture(scope="module")
def key(site: Stack) -> str:
    """Let prompts succeed and fail in each way, and a stranger in vain ask for entrance; return the customer's key."""
    site.manage("create_user", OPERATOR, "--superuser")
    site.manage("create_user", CUSTOMER)
    site.manage("grant_credits", CUSTOMER, "50", "--note", "zqnote")
    key = site.manage("create_api_key", CUSTOMER, "--name", "zqname").strip()
    body = {"prompts": PROMPTS, "names": ["zqfile"], "style": "zqstyle", "title": "zqtitle"}
    submitted = requests.post(f"{site.url}/api/v1/batches", json=body, headers=bearer(key), timeout=60)
    assert submitted.status_code == 201, submitted.text
    requests.get(f"{site.url}/api/v1/batches", headers=bearer(key[:-3] + "zzz"), timeout=60)
    sign_in(site, STRANGER)
    sign_in(site, CUSTOMER)
    wait_for(lambda: site.query("SELECT waiting_reason FROM batches_batch") == [("upstream_key",)])
    wait_for(lambda: "upstream stops us" in site.worker.log.read_text())
    return key


def sign_in(site: Stack, email: str) -> None:
    browser = requests.Session()
    browser.get(f"{site.url}/accounts/login/", timeout=60)
    form = {"login": email, "password": "zqpassword", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    browser.post(f"{site.url}/accounts/login/", data=form, headers={"Referer": site.url}, timeout=60)


def entries(process: Process) -> list[dict[str, str]]:
    """Return what it logged, without what its system checks print at the start."""
    return [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_logs_have_no_prompts_keys_or_addresses(site: Stack, key: str) -> None:
    for process in (site.web, site.worker):
        text = process.log.read_text()
        assert re.findall(r"(?i).*zq.*", text) == []
        assert key not in text
        assert "@" not in text
        assert all({"time", "level", "logger", "message"} <= set(entry) for entry in entries(process))
        assert not re.search(r"(?m)^(Traceback|\d{4}-\d\d-\d\d )", text)


def test_a_response_names_the_request_of_its_log_lines(site: Stack) -> None:
    response = requests.get(f"{site.url}/no-such-page", timeout=60)
    (line,) = [entry for entry in entries(site.web) if "/no-such-page" in entry["message"]]
    assert line["request"] == response.headers["X-Request-ID"]


@pytest.mark.usefixtures("key")
def test_lines_of_a_worker_name_the_batch(site: Stack) -> None:
    (batch_id,) = site.query("SELECT id FROM batches_batch")[0]
    (line,) = [entry for entry in entries(site.worker) if entry["message"].startswith("upstream stops us")]
    assert line["batch"].replace("-", "") == batch_id
