"""What Checkout is asked about taxes."""

from typing import Any

import pytest

from accounts.models import User
from billing import plans
from billing.payments import checkout
from billing.stripe import client

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("product", [plans.STARTER, plans.PACK_100])
def test_taxes_are_added_if_the_setting_says_so(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch, product: Any, is_on: bool
) -> None:
    settings.STRIPE_AUTOMATIC_TAX = is_on
    monkeypatch.setattr(client, "create_session", lambda key, **order: order)
    order = checkout.create_session(alice, "cus_1", product, "price_1", "en")
    assert order["automatic_tax"] == {"enabled": is_on}
    assert order["tax_id_collection"] == {"enabled": True}


def test_the_page_names_the_terms(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "create_session", lambda key, **order: order)
    order = checkout.create_session(alice, "cus_1", plans.STARTER, "price_1", "en")
    assert "/terms/" in order["custom_text"]["submit"]["message"]
    assert "/refunds/" in order["custom_text"]["submit"]["message"]
