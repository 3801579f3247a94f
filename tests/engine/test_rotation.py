"""Secrets changed as docs/operations.md says, on the servers of a public site."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.engine.conftest import production_only
from tests.engine.customer import Customer
from tests.prepared import DATABASE
from tests.servers import Stack

pytestmark = production_only

NEW_KEY = "the-next-key-of-a-throw-away-site-that-ends-with-its-test"


@pytest.fixture
def with_both_keys(site: Stack) -> Iterator[Stack]:
    former = site.environment["SECRET_KEY"]
    with site.beside(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=former) as other:
        yield other


@pytest.fixture
def with_new_key(site: Stack) -> Iterator[Stack]:
    with site.beside(SECRET_KEY=NEW_KEY) as other:
        yield other


def opens_account(browser: requests.Session, site: Stack) -> bool:
    return browser.get(f"{site.url}/account/", timeout=60, allow_redirects=False).status_code == 200


def test_a_new_secret_key_signs_nobody_out_and_loses_no_secret(
    site: Stack, customer: Customer, with_both_keys: Stack, with_new_key: Stack
) -> None:
    customer.act(f"make_secrets({customer.email!r})")
    browser = requests.Session()
    browser.cookies.set("sessionid", site.session_of(customer.email))
    # Without this the test would prove nothing.
    with pytest.raises(RuntimeError, match=r"InvalidToken|AssertionError"):
        with_new_key.inside.run(f"open_secrets({customer.email!r})")

    with_both_keys.start_web(WEB_CONCURRENCY="1")
    assert opens_account(browser, with_both_keys)
    with_both_keys.inside.run(f"open_secrets({customer.email!r})")
    assert "would be encrypted again" in with_both_keys.manage("rotate_secrets", "--dry-run")
    with_both_keys.run_command("rotate_secrets")

    with_new_key.start_web(WEB_CONCURRENCY="1")
    assert opens_account(browser, with_new_key)
    with_new_key.inside.run(f"open_secrets({customer.email!r})")


def test_another_user_of_the_database_takes_over(site: Stack, tmp_path: Path) -> None:
    assert site.database
    site.database.run("CREATE USER images2@localhost IDENTIFIED BY 'password'")
    site.database.run(f"GRANT ALL ON {DATABASE}.* TO images2@localhost")
    url = site.environment["DATABASE_URL"].replace("root", "images2:password", 1)
    with site.beside(DATABASE_URL=url) as other:
        other.run_command("check_ledger")
        # The backup needs more rights than the pages.
        other.run_command("backup_database", str(tmp_path))
