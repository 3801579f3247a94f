"""The form as it is sent, and servers that the site calls."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from limits.storage import memory

from accounts.models import User
from batches.models import ImageModel, WebhookEndpoint
from batches.runs import rate_limit
from batches.tests.receiver import Receiver
from batches.tests.scripted_server import Script, ScriptedServer
from billing import plans
from billing.credits import ledger
from billing.models import LedgerEntry
from tests.clock import Clock

DAY_LIMIT = plans.FREE.images_per_day


def use_up(user: User, count: int = DAY_LIMIT) -> None:
    """Charge the user for images of an hour ago, with free credits of their own."""
    ledger.grant(ledger.account_of(user), count, origin="free", key="free:more")
    held = ledger.hold(user, count, key="batch:before")
    for number in range(count):
        ledger.capture(held, 1, key=f"prompt:before:{number}")
    LedgerEntry.objects.filter(kind="image").update(created_at=timezone.now() - timedelta(hours=1))


@pytest.fixture
def form(image_model: ImageModel) -> dict[str, Any]:
    """The form of a new batch, filled in with three prompts."""
    return {
        "title": "", "prompts": "a cat\na dog\na fox", "names": "", "style": "", "model": image_model.code,
        "quality": "low", "format": "png", "ratio": "1:1", "submission_key": str(uuid.uuid4()),
    }  # fmt: skip


@pytest.fixture
def new_minute(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of our API keys, of which nothing is used; the minute does not end."""
    settings.RATE_LIMIT_STORAGE_URL = "memory://"
    rate_limit.limiter.cache_clear()
    rate_limit.runnable_batches.clear()
    # Windows begin with each minute of the day: at its end, a test would get places of the next one.
    monkeypatch.setattr(memory, "time", Clock())


@pytest.fixture
def server() -> Iterator[Script]:
    """A server that sends what the test lays out."""
    with ScriptedServer() as server:
        yield server.script
        server.script.closed.set()
        server.shutdown()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A customer's own server."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def endpoint(alice: User, receiver: Receiver) -> WebhookEndpoint:
    """Alice's endpoint, which is that server."""
    return WebhookEndpoint.objects.create(user=alice, url=receiver.url)
