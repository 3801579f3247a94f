"""A site and the stand-in for Stripe, both really running; each test has its own customer."""

from collections.abc import Iterator

import pytest

from billing.tests.stripe.shop import Controls, Shopper, make_people
from tests.databases import missing
from tests.inside import Inside
from tests.servers import Kind, Stack, stack

PEOPLE = 160
#: The account's settings that docs/billing.md advises.
AS_ADVISED = {"after_last_attempt": "cancel", "limits_to_one_subscription": True}
PRODUCTION = pytest.param("production", marks=[pytest.mark.mariadb, pytest.mark.redis])
#: Money is earned on MariaDB; what must be exact on SQLite as well is in these files, or marked `on_both`.
ON_BOTH = ("test_buying", "test_smoke")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder and runs servers; the hook sees all tests."""
    for item in items:
        if "billing/tests/stripe/" in item.nodeid and "running_shop" in getattr(item, "fixturenames", ()):
            item.add_marker("engine")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on MariaDB and Redis, as in production; run only `ON_BOTH` on SQLite, or all tests if a server is missing."""
    if "running_shop" not in metafunc.fixturenames:
        return
    kinds = ["embedded"] if missing("mariadb") or missing("redis") else [PRODUCTION]
    if metafunc.module.__name__.endswith(ON_BOTH) or metafunc.definition.get_closest_marker("on_both"):
        kinds = ["embedded", PRODUCTION]
    metafunc.parametrize("running_shop", kinds, indirect=True, scope="session")


@pytest.fixture
def books_are_right() -> None:
    """Leave the proof to `shop`: the books are the running site's."""


@pytest.fixture(scope="session")
def running_shop(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Run a web server and the sandbox."""
    kind: Kind = request.param
    with stack(kind) as site:
        site.start("sandbox", "web")
        yield site


@pytest.fixture(scope="session")
def inside(running_shop: Stack) -> Inside:
    """A process of the site that does what the tests tell it."""
    return running_shop.inside


@pytest.fixture(scope="session")
def people(running_shop: Stack) -> Iterator[Shopper]:
    """Customers who have done nothing yet."""
    return make_people(running_shop, Controls(running_shop.sandbox_url), PEOPLE)


@pytest.fixture
def shop(running_shop: Stack, inside: Inside) -> Iterator[Stack]:
    """A site whose books are right in the end, and who has sent Stripe nothing that Stripe would not understand."""
    stripe = Controls(running_shop.sandbox_url)
    yield running_shop
    works = {"delay_seconds": 0, "fail_count": 0, "fail_status": 500, "fail_path": "/v1/"}
    stripe.post("settings", portal_cancels_with="cancel_at", **works, **AS_ADVISED)
    stripe.deliver(
        withhold=False, shuffle=False, copies=1, delay_seconds=0, workers=2, retry_seconds=0.2, max_attempts=12
    )
    # Otherwise they would renew whenever a later test moves the clock.
    for subscription in stripe.api("GET", "subscriptions", limit=100)["data"]:
        stripe.api("DELETE", f"subscriptions/{subscription['id']}")
    stripe.settle_down()
    inside.run("prove()")
    assert stripe.get("violations")["violations"] == []


@pytest.fixture
def alice(shop: Stack, people: Iterator[Shopper]) -> Shopper:
    """Alice, who pays."""
    return next(people)


@pytest.fixture
def bob(shop: Stack, people: Iterator[Shopper]) -> Shopper:
    """Bob, who pays too."""
    return next(people)


@pytest.fixture
def stripe(shop: Stack) -> Controls:
    """The stand-in for Stripe."""
    return Controls(shop.sandbox_url)
