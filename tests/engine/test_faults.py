"""The short forms of `make faults`."""

from collections.abc import Iterator

import pytest

from tests.engine.conftest import production_only
from tests.faults import scenarios
from tests.faults.hostile import HostileUpstream, hostile_upstream
from tests.servers import Stack

pytestmark = production_only


@pytest.fixture(scope="session")
def hostile() -> Iterator[HostileUpstream]:
    with hostile_upstream() as upstream:
        yield upstream


@pytest.mark.parametrize("name", scenarios.names(short=True))
def test_nothing_is_lost_or_paid_twice(name: str, site: Stack, hostile: HostileUpstream) -> None:
    assert scenarios.run(name, site, hostile, short=True).faults == []
