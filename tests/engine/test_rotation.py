"""SECRET_KEY changed as docs/operations.md says."""

from collections.abc import Iterator

import pytest
import requests

from tests.engine.conftest import embedded_only
from tests.engine.customer import Customer
from tests.servers import Stack

pytestmark = embedded_only

NEW_KEY = "the-next-key-of-a-throw-away-site-that-ends-with-its-test"


@pytest.fixture
def with_both_keys(site: Stack) -> Iterator[Stack]:
    former_key = site.environment["SECRET_KEY"]
    with site.beside(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=former_key) as other:
        yield other


@pytest.fixture
def with_new_key(site: Stack) -> Iterator[Stack]:
    with site.beside(SECRET_KEY=NEW_KEY) as other:
        yield other


def test_a_rotation_signs_nobody_out_and_loses_no_secret(
    site: Stack, customer: Customer, with_both_keys: Stack, with_new_key: Stack
) -> None:
    customer.act(f"make_secrets({customer.email!r})")
    browser = requests.Session()
    browser.cookies.set("sessionid", site.session_of(customer.email))
    # Without this the test would prove nothing.
    with pytest.raises(RuntimeError, match=r"InvalidToken|AssertionError"):
        with_new_key.inside.run(f"open_secrets({customer.email!r})")

    with_both_keys.start_web()
    assert browser.get(f"{with_both_keys.url}/account/", timeout=30, allow_redirects=False).status_code == 200
    with_both_keys.inside.run(f"open_secrets({customer.email!r})")
    with_both_keys.run_command("rotate_secrets")

    with_new_key.start_web()
    assert browser.get(f"{with_new_key.url}/account/", timeout=30, allow_redirects=False).status_code == 200
    with_new_key.inside.run(f"open_secrets({customer.email!r})")
