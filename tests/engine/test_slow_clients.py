"""Clients that read or send slowly, or not at all, while others use the site."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.engine.conftest import StartWorker, embedded_only
from tests.engine.customer import Customer
from tests.ports import HOST
from tests.processes import wait_for
from tests.servers import Stack

# A thread of the web server is the same with any database.
pytestmark = embedded_only
#: Of the web server, in deploy/gunicorn.conf.py.
THREADS = 16
#: More than the kernel's buffers hold for a client that doesn't read.
LARGE = 40_000_000


@pytest.fixture
def zip_path(customer: Customer, start_worker: StartWorker) -> str:
    """The path of a large ZIP of the customer."""
    customer.submit([f"{customer.title} p1"])
    start_worker()
    customer.wait_until_finished()
    customer.act(f"enlarge_images({customer.title!r}, {LARGE})")
    (batch_id,) = customer.site.query(f"SELECT id FROM batches_batch WHERE title = '{customer.title}'")[0]
    return f"/batches/{uuid.UUID(batch_id)}/zip/"


@pytest.fixture
def open_sockets() -> Iterator[ExitStack]:
    with ExitStack() as sockets:
        yield sockets


def request(customer: Customer, path: str, sockets: ExitStack) -> socket.socket:
    """Return the connection of a client that has sent a request and reads only when its test does."""
    connection = sockets.enter_context(socket.create_connection((HOST, customer.site.web_port), timeout=60))
    cookie = f"sessionid={customer.site.session_of(customer.email)}"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode())
    return connection


def status_of(connection: socket.socket) -> int:
    return int(connection.recv(len("HTTP/1.1 200")).split()[1])


def test_customers_who_read_slowly_do_not_stop_the_site(
    customer: Customer, zip_path: str, open_sockets: ExitStack
) -> None:
    statuses = [status_of(request(customer, zip_path, open_sockets)) for _ in range(THREADS)]
    assert requests.get(f"{customer.site.url}/pricing/", timeout=10).status_code == 200
    assert statuses == [200, 200] + [429] * (THREADS - 2)


def test_a_client_that_goes_away_frees_its_place(customer: Customer, zip_path: str, open_sockets: ExitStack) -> None:
    first, second = (request(customer, zip_path, open_sockets) for _ in range(2))
    assert [status_of(first), status_of(second)] == [200, 200]
    assert status_of(request(customer, zip_path, open_sockets)) == 429
    first.close()
    wait_for(lambda: status_of(request(customer, zip_path, open_sockets)) == 200, what="a place for a download")


def test_a_client_that_stops_sending_a_refused_form_is_answered(site: Stack) -> None:
    with socket.create_connection((HOST, site.web_port), timeout=60) as connection:
        connection.sendall(
            f"POST /pricing/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5000000\r\n\r\nthe start".encode()
        )
        assert status_of(connection) == 413
