"""What the benchmarks prepare and count inside a site's own environment."""

import uuid
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from batches.models import Batch
from tests.engine import acts

ALICE = "alice@example.org"
CREDITS = 50_000


def signed_in(user: User) -> tuple[Client, str]:
    """Return a browser in which the user is signed in, and its session cookie's value."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client, client.cookies[settings.SESSION_COOKIE_NAME].value


def poll() -> dict[str, Any]:
    """Make a batch, and return where its poll without news goes, a session for it and its number of queries."""
    acts.submit(ALICE, "poll", [["a cat"] * 50])
    client, session = signed_in(acts.person(ALICE))
    batch = Batch.objects.get()
    path = reverse("batches:progress", args=[batch.pk]) + f"?since={batch.revision}"
    client.get(path)
    return {"path": path, "session": session, "queries": _queries(lambda: client.get(path))}


def submit(prompt_count: int) -> dict[str, Any]:
    """Return a session, and how many queries it takes to submit ten prompts and `prompt_count`."""
    user = acts.person(ALICE)
    acts.credits.grant_by_operator(user, CREDITS, "for the benchmark")
    client, session = signed_in(user)
    _submit_queries(client, 1)  # the first one opens the account
    few, many = _submit_queries(client, 10), _submit_queries(client, prompt_count)
    return {"session": session, "queries_of_10": few, "queries_of_all": many}


def _submit_queries(client: Client, prompt_count: int) -> int:
    fields = {"model": "gpt-image-2.5-flare", "quality": "low", "format": "png", "ratio": "1:1"}
    fields |= {"prompts": "\n".join(f"house {n}" for n in range(prompt_count)), "submission_key": str(uuid.uuid4())}
    return _queries(lambda: client.post(reverse("batches:new"), fields))


def _queries(act: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    assert answer.status_code in (200, 302), answer.content
    return len(captured)
