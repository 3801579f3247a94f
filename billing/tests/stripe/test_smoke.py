"""The operator's smoke test, at the stand-in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from billing.tests.stripe.shop import Controls
from tests.processes import wait_for
from tests.servers import Stack
from tests.upstream import Upstream

DONE = "cancelled: the plan has ended, and the ledger is right"


@pytest.fixture(autouse=True)
def _quick_pictures(shop: Stack) -> None:
    Upstream(shop.sandbox_url).set(delay_seconds=0)


def test_it_buys_a_plan_and_makes_a_batch_that_was_too_long_before(shop: Stack, stripe: Controls) -> None:
    # Stripe's time, not ours, counts for the renewals that it lets fail.
    stripe.post("clock", days=40)
    output = shop.manage("smoke_stripe")
    assert "plan Starter: 250 credits are here" in output
    assert "a second payment page leads to the portal" in output
    assert "cancelled after the last retry" in output
    assert "batch of 11 pictures: all made, one credit each" in output
    assert DONE in output


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"limits_to_one_subscription": False}, "Limit customers to one subscription"),
        ({"after_last_attempt": "unpaid"}, "is unpaid, not canceled"),
        ({"after_last_attempt": "past_due"}, "is past_due, not canceled"),
    ],
)
def test_a_wrong_setting_of_the_dashboard_is_named(
    shop: Stack, stripe: Controls, setting: dict[str, Any], words: str
) -> None:
    stripe.post("settings", **setting)
    with pytest.raises(RuntimeError, match=words):
        shop.manage("smoke_stripe")


def test_it_waits_for_somebody_who_pays_on_the_page(shop: Stack, stripe: Controls) -> None:
    with ThreadPoolExecutor() as pool:
        output = pool.submit(shop.manage, "smoke_stripe", "--checkout")
        stripe.post(f"checkout/{wait_for(lambda: open_page(stripe))['id']}/pay")
        assert DONE in output.result(timeout=120)


def open_page(stripe: Controls) -> dict[str, Any] | None:
    """Return the page that the smoke test waits at, None before there is one."""
    pages = stripe.api("GET", "checkout/sessions", status="open")["data"]
    smoking = [page for page in pages if page["customer"] and is_smoker(stripe, page["customer"])]
    return smoking[0] if smoking else None


def is_smoker(stripe: Controls, customer_id: str) -> bool:
    return str(stripe.api("GET", f"customers/{customer_id}").get("email")).startswith("smoke-")
