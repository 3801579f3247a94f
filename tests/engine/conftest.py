"""A site of each kind, running for all tests of the engine; each test has a customer and a title of its own."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.engine import crashes
from tests.engine.customer import Customer
from tests.inside import Inside
from tests.processes import Process
from tests.servers import Kind, Stack, stack
from tests.upstream import Upstream

PRODUCTION = pytest.param("production", marks=[pytest.mark.mariadb, pytest.mark.redis])
production_only = pytest.mark.parametrize("running_site", [PRODUCTION], indirect=True, scope="session")
embedded_only = pytest.mark.parametrize("running_site", ["embedded"], indirect=True, scope="session")
StartWorker = Callable[..., Process]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder; the hook sees all tests."""
    for item in items:
        if "tests/engine/" in item.nodeid:
            item.add_marker("engine")


@pytest.fixture(scope="session", params=["embedded", PRODUCTION])
def running_site(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Run a web server and a sandbox; workers are the tests' own business."""
    kind: Kind = request.param
    with stack(kind) as site:
        site.start("sandbox", "web")
        yield site


@pytest.fixture(scope="session")
def inside(running_site: Stack) -> Inside:
    """A process of the site that does what the tests tell it."""
    return running_site.inside


@pytest.fixture
def upstream(running_site: Stack) -> Upstream:
    """The sandbox, which answers at once and has forgotten everything."""
    upstream = Upstream(running_site.sandbox_url)
    upstream.forget()
    return upstream


@pytest.fixture
def site(running_site: Stack, inside: Inside, upstream: Upstream) -> Iterator[Stack]:
    """A site whose books must be right in the end."""
    yield running_site
    workers = [process for name, process in running_site.processes.items() if name.startswith("worker")]
    for worker in workers:
        worker.kill9()
        del running_site.processes[worker.name]
    running_site.revive_servers()
    for act in ("prove()", "cancel_open()", "prove()"):
        inside.run(act)


@pytest.fixture
def customer(site: Stack, inside: Inside, upstream: Upstream, request: pytest.FixtureRequest) -> Customer:
    """A customer with many credits, known by the test's name."""
    # In this order, so that names cut short still differ.
    title = "-".join(reversed(re.findall(r"\w+", request.node.name)))[:90]
    return Customer(site, inside, upstream, title, f"{title[:60]}@example.org")


@pytest.fixture
def bob(site: Stack, upstream: Upstream, customer: Customer) -> Customer:
    """Another customer at the same site."""
    return Customer(site, customer.inside, upstream, f"bob {customer.title}", f"bob-{customer.email}")


@pytest.fixture
def ten_batches(upstream: Upstream, customer: Customer) -> Customer:
    """A customer whose ten batches take some seconds."""
    upstream.set(delay_seconds=0.7)
    customer.submit_numbered(crashes.BATCHES, crashes.PROMPTS)
    return customer


@pytest.fixture
def start_worker(site: Stack) -> StartWorker:
    """Return what starts a worker; each further one needs a `name` that begins with "worker"."""
    return site.start_worker
