"""Functions that the benchmarks run inside a site's environment."""

import hashlib
import math
import struct
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import User
from batches.models import Batch, Prompt
from batches.models.prompt import ROWS_AT_ONCE
from bench.upstream import SIDE, picture
from billing.credits import ledger
from billing.models import LedgerEntry
from tests.engine import acts
from tests.processes import ROOT

ALICE = "alice@example.org"
CREDITS = 50_000
MANY = 600


def signed_in(user: User) -> tuple[Client, str]:
    """Return a client in which the user is signed in, and its session cookie."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client, client.cookies[settings.SESSION_COOKIE_NAME].value


def poll() -> dict[str, Any]:
    """Make a batch; return the URL of its poll, a session, and the number of queries of a poll without news."""
    acts.submit(ALICE, "poll", [["a cat"] * 50])
    client, session = signed_in(acts.person(ALICE))
    batch = Batch.objects.get()
    path = reverse("batches:progress", args=[batch.pk]) + f"?since={batch.revision}"
    client.get(path)
    return {"path": path, "session": session, "queries": _queries(lambda: client.get(path))}


def submit(prompt_count: int) -> dict[str, Any]:
    """Return a session, and the number of queries for submitting ten prompts and `prompt_count`."""
    user = acts.person(ALICE)
    ledger.grant_by_operator(user, CREDITS, "for the benchmark")
    client, session = signed_in(user)
    _submit_queries(client, 1)  # the first one opens the account
    few, many = _submit_queries(client, 10), _submit_queries(client, prompt_count)
    return {"session": session, "queries_of_10": few, "queries_of_all": many, "inserts": _inserts(prompt_count)}


def _inserts(prompt_count: int) -> int:
    """Return how many statements insert so many prompts: a database takes a number of values in each."""
    fields = [field for field in Prompt._meta.concrete_fields if not field.primary_key]
    return math.ceil(prompt_count / min(ROWS_AT_ONCE, connection.ops.bulk_batch_size(fields, range(prompt_count))))


def _submit_queries(client: Client, prompt_count: int) -> int:
    fields = {"model": "gpt-image-2.5-flare", "quality": "low", "format": "png", "ratio": "1:1"}
    fields |= {"prompts": "\n".join(f"house {n}" for n in range(prompt_count)), "submission_key": str(uuid.uuid4())}
    return _queries(lambda: client.post(reverse("batches:new"), fields))


def _queries(act: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    assert answer.status_code in (200, 201, 302), answer.content
    return len(captured)


def program() -> dict[str, Any]:
    """Make batches of one prompt and of fifty; return a key, the URLs of the latter, and the queries of both."""
    user = acts.person(ALICE)
    ledger.grant_by_operator(user, CREDITS, "for the benchmark")
    _, key = api_keys.create(user, "bench")
    fifty = [f"house number {n}" for n in range(50)]
    acts.submit(ALICE, "api", [["a cat"], *[fifty] * MANY])
    paths = [reverse("api-1:batch", args=[batch.pk]) for batch in Batch.objects.filter(title="api").order_by("total")]
    client = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {key}"})
    etag = client.get(paths[1]).headers["ETag"]
    return {
        "key": key,
        "paths": paths[1:],
        "etag": etag,
        "queries": [_queries(lambda path=path: client.get(path)) for path in (paths[0], paths[2])],
        "submit_queries": [_api_submit_queries(client, count) for count in (10, 1_000)],
        "inserts": _inserts(1_000),
    }


def _api_submit_queries(client: Client, prompt_count: int) -> int:
    body = {"prompts": [f"house {n}" for n in range(prompt_count)]}
    return _queries(lambda: client.post("/api/v1/batches", body, content_type="application/json"))


def finished_batch(count: int, size: int) -> dict[str, Any]:
    """Make a batch whose images are all ready, sharing one file of `size` bytes; return its URLs and a session."""
    # Bytes after the end of a PNG are ignored, so padding gives it the right size.
    return _finished(count, picture().ljust(size, b"\0"), "png")


def finished_video(size: int) -> dict[str, Any]:
    """Make a batch of one video of `size` bytes, most of which are in a box that players ignore."""
    film = (ROOT / "sandbox/replicate/films/landscape.mp4").read_bytes()
    return _finished(1, film + struct.pack(">I4s", size - len(film), b"free").ljust(size - len(film), b"\0"), "mp4")


def _finished(count: int, data: bytes, ending: str) -> dict[str, Any]:
    size, sha256 = len(data), hashlib.sha256(data).hexdigest()
    image = default_storage.save(f"images/bench.{ending}", ContentFile(data))
    acts.submit(ALICE, "bench", [[f"image number {n}" for n in range(count)]])
    batch = Batch.objects.select_related("hold__account").get(title="bench")
    entries = [
        LedgerEntry(account=batch.hold.account, kind="image", amount=-1, key=f"prompt:{pk}")
        for pk in batch.prompts.order_by("position").values_list("pk", flat=True)
    ]
    LedgerEntry.objects.bulk_create(entries)
    prompts = list(batch.prompts.order_by("position"))
    for prompt, entry in zip(prompts, LedgerEntry.objects.filter(kind="image").order_by("pk"), strict=True):
        prompt.status, prompt.image, prompt.charge, prompt.revision = "ready", image, entry, 2
        prompt.sha256, prompt.byte_count, prompt.width, prompt.height = sha256, size, SIDE, SIDE
        prompt.ready_at, prompt.format = timezone.now(), ending
        prompt.file_name = f"{prompt.position}.{ending}"
    fields = "format file_name status image charge revision sha256 byte_count width height ready_at".split()
    Prompt.objects.bulk_update(prompts, fields, batch_size=200)
    Batch.objects.update(status="finished", ready_count=count, revision=2, finished_at=timezone.now())
    _, key = api_keys.create(batch.user, "bench")
    zip_path = reverse("api-1:zip", args=[batch.pk])
    return {"path": batch.get_absolute_url(), "session": signed_in(batch.user)[1], "key": key, "zip_path": zip_path}


def customers(count: int) -> dict[str, Any]:
    """Make users who may start long lists; return a session of each."""
    people = [acts.person(f"customer{n}@example.org") for n in range(count)]
    for user in people:
        ledger.grant_by_operator(user, CREDITS, "for the benchmark")
    return {"sessions": [signed_in(user)[1] for user in people]}


def keys(count: int) -> dict[str, Any]:
    """Make users who may use the API; return a key of each."""
    people = [acts.person(f"program{n}@example.org") for n in range(count)]
    for user in people:
        ledger.grant_by_operator(user, CREDITS, "for the benchmark")
    return {"keys": [api_keys.create(user, "bench")[1] for user in people]}


def key_of(page: str) -> dict[str, Any]:
    """Return a key of the user whose batch has this page."""
    batch = Batch.objects.get(pk=page.strip("/").rpartition("/")[2])
    return {"key": api_keys.create(batch.user, "bench")[1]}


def key_of_session(session: str) -> dict[str, Any]:
    """Return a key of the user who has this session."""
    user = User.objects.get(pk=SessionStore(session)[SESSION_KEY])
    return {"key": api_keys.create(user, "bench")[1]}


def running_batches(count: int, prompt_count: int) -> dict[str, Any]:
    """Make customers with a batch each; return the page of each and a session of its customer."""
    people = [acts.person(f"watcher{n}@example.org") for n in range(count)]
    for user in people:
        acts.submit(user.email, "watched", [[f"house number {n}" for n in range(prompt_count)]])
    batches = Batch.objects.filter(title="watched").select_related("user")
    return {"pages": [(batch.get_absolute_url(), signed_in(batch.user)[1]) for batch in batches]}
