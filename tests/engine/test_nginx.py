"""A public site behind nginx, with the files of deploy/nginx."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.deploy.lint import DEPLOY, PATH, certificate, nginx_configuration
from tests.engine.conftest import StartWorker, production_only
from tests.engine.customer import Customer
from tests.ports import HOST, free_port
from tests.processes import Process, answers
from tests.servers import Stack

NGINX = shutil.which("nginx", path=PATH)
#: Of the web server, in deploy/gunicorn.conf.py.
THREADS = 16
#: More than the kernel's buffers hold for a client that doesn't read, less than nginx stores.
LARGE = 16_000_000
pytestmark = [production_only, pytest.mark.skipif(not NGINX, reason="there is no nginx (Debian: nginx-light)")]


@pytest.fixture
def public_site(site: Stack) -> Iterator[Stack]:
    with site.beside(SITE_URL="https://localhost", EMAIL_URL="smtp://127.0.0.1:1") as public_site:
        public_site.start_web()
        yield public_site


@pytest.fixture
def nginx(public_site: Stack, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Its addresses, without and with TLS."""
    certificate(tmp_path)
    http_port, https_port = free_port(), free_port()
    upstream = (DEPLOY / "nginx/upstream.conf").read_text().replace(":8000", f":{public_site.web_port}")
    file = nginx_configuration(tmp_path, upstream, http_port, https_port)
    command = [str(NGINX), "-e", str(tmp_path / "error.log"), "-c", str(file), "-g", "daemon off;"]
    process = Process("nginx", command, {}, tmp_path / "log").start()
    addresses = f"http://{HOST}:{http_port}", f"https://{HOST}:{https_port}"
    process.wait_until(lambda: answers(addresses[0]))
    yield addresses
    process.stop()


@pytest.fixture
def visitor() -> requests.Session:
    session = requests.Session()
    session.verify = session.trust_env = False
    session.headers["Host"] = "localhost"
    return session


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_public_site_answers_through_nginx(nginx: tuple[str, str], visitor: requests.Session) -> None:
    plain, secure = nginx
    redirected = visitor.get(f"{plain}/pricing/?a=b", allow_redirects=False, timeout=60)
    assert (redirected.status_code, redirected.headers["Location"]) == (301, "https://localhost/pricing/?a=b")
    page = visitor.get(f"{secure}/pricing/", headers={"X-Forwarded-Proto": "http"}, allow_redirects=False, timeout=60)
    assert (page.status_code, page.headers["Content-Encoding"]) == (200, "gzip")
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert visitor.get(f"{secure}/", headers={"Host": "elsewhere.example"}, timeout=60).status_code == 400


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_static_files_come_from_the_cache_with_the_sites_headers(
    nginx: tuple[str, str], visitor: requests.Session, public_site: Stack
) -> None:
    page = visitor.get(f"{nginx[1]}/pricing/", timeout=60).text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    first = visitor.get(f"{nginx[1]}{path}", timeout=60)
    public_site.web.stop()
    again = visitor.get(f"{nginx[1]}{path}", timeout=60)
    assert again.status_code == 200
    assert again.content == first.content
    assert "immutable" in again.headers["Cache-Control"]
    assert again.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_longest_list_passes_and_a_longer_one_does_not(nginx: tuple[str, str], visitor: requests.Session) -> None:
    longest, longer = (visitor.post(f"{nginx[1]}/", data=bytes(size), timeout=60) for size in (40_000_000, 45_000_000))
    assert "nginx" not in longest.text
    assert (longer.status_code, "nginx" in longer.text) == (413, True)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_sites_own_page_says_that_a_form_is_too_large(nginx: tuple[str, str], visitor: requests.Session) -> None:
    # Each could meet a connection that is closed while nginx still sends.
    refusals = [visitor.post(f"{nginx[1]}/pricing/", data=bytes(1_500_000), timeout=60) for _ in range(30)]
    assert {(each.status_code, "nginx" in each.text) for each in refusals} == {(413, False)}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_customers_who_read_images_slowly_do_not_stop_the_site(
    nginx: tuple[str, str], visitor: requests.Session, customer: Customer, start_worker: StartWorker
) -> None:
    customer.submit([f"{customer.title} p1"])
    start_worker()
    customer.wait_until_finished()
    customer.act(f"enlarge_images({customer.title!r}, {LARGE})")
    (batch_id,) = customer.site.query(f"SELECT id FROM batches_batch WHERE title = '{customer.title}'")[0]
    cookies = {"__Host-sessionid": customer.site.session_of(customer.email)}
    image = f"{nginx[1]}/batches/{uuid.UUID(batch_id)}/images/1/"
    with ExitStack() as slow_reads:
        for _ in range(THREADS + 1):
            answer = visitor.get(image, cookies=cookies, stream=True, timeout=60)
            assert slow_reads.enter_context(answer).status_code == 200
        assert visitor.get(f"{nginx[1]}/pricing/", timeout=10).status_code == 200
