"""Requests that schemathesis makes up from the API's own description: no fault, nothing that is not described."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

from accounts.keys import api_keys
from accounts.models import ApiKey, User
from billing import plans
from billing.api import merchant
from billing.credits import ledger
from imagesinbulk.api.routes import api
from imagesinbulk.handler import Handler
from tests.cast import MakeBatch, deliver_next, fail_next

load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(dict(api.get_openapi_schema(path_prefix="/api/v1/")))
SCHEMA.app = Handler()
#: The form knows more rules than the description can say: that a valid body is taken is tested elsewhere.
NOT_CHECKED = [checks.positive_data_acceptance]
#: The same ones each time, so that a run is bounded and repeatable.
FEW = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Send = Callable[..., None]
pytestmark = [
    pytest.mark.any_database,
    # The made-up client does not close the files of the answers that it gets.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection, whose transaction is the test's, over all requests; as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def send(one_connection: None, olga: User, give_plan: Any, image_model: Any, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Return what sends a request with a key that may do everything, and checks the answer."""
    give_plan(olga, plans.PARTNER)
    ledger.grant_by_operator(olga, 100_000, "for the test")
    _, text = api_keys.create(olga, "schemathesis", ApiKey.Scope.values)
    for name in ("create_customer", "create_payment_intent", "create_invoice"):
        monkeypatch.setattr(merchant, name, _refused)

    def sender(case: Any, *not_checked: Any) -> None:
        excluded = [*NOT_CHECKED, *not_checked]
        case.call_and_validate(headers={"Authorization": f"Bearer {text}"}, excluded_checks=excluded)

    return sender


def _refused(*_args: Any, **_fields: Any) -> None:
    raise merchant.StripeError("Stripe is not asked in this test.")


@SCHEMA.parametrize()
@FEW
def test_any_request_gets_a_described_answer(case: Any, send: Send) -> None:
    send(case)


@SCHEMA.include(path_regex="batch_id").parametrize()
@settings(FEW, phases=[Phase.generate])
def test_any_request_about_a_batch_gets_a_described_answer(
    case: Any, send: Send, olga: User, make_batch: MakeBatch
) -> None:
    batch = make_batch(olga)
    deliver_next(batch)
    fail_next(batch)
    case.path_parameters["batch_id"] = str(batch.pk)
    if "position" in case.path_parameters:
        case.path_parameters["position"] = 1
    # What was meant to be wrong may be the id, or the key that is missing, and is right now.
    send(case, checks.negative_data_rejection)
