"""A customer's batches in one scenario, and the workers that make them."""

import itertools
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.hostile import HostileUpstream
from tests.object_storage import ObjectStorage
from tests.processes import ROOT, Process
from tests.servers import Stack

#: Short, so that others take over soon.
LEASE_SECONDS = 6.0
_LIMIT_SECONDS = 300
_ENDED = "p.status IN ('ready', 'failed')"
_worker_numbers = itertools.count(1)


@dataclass
class Trial:
    """A customer whose batches all have the same title, and the workers that make them.

    `may_fail` are the error codes that prompts may end with.
    """

    site: Stack
    upstream: HostileUpstream
    title: str
    may_fail: Collection[str] = ()
    #: How many images each worker makes at a time.
    concurrency: int = 40
    #: The workers that the supervisor restarts.
    workers: set[str] = field(default_factory=set)
    kills: int = 0
    prompt_count: int = 0
    #: Object storage, if images are not in a folder.
    storage: ObjectStorage | None = None
    #: What follows the verdict.
    cleanup: ExitStack = field(default_factory=ExitStack)
    #: What scenarios find wrong beyond what `verdict` checks.
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    #: For each kill the worker, and the texts of all prompts that were being made.
    _cuts: list[tuple[str, set[str]]] = field(default_factory=list)
    _resumed_at: float = 0.0

    @property
    def email(self) -> str:
        return f"{self.title}@example.org"

    def store_in(self, storage: ObjectStorage) -> None:
        """Use another storage until the end. Then it has no images any more: the site could not find them."""
        self.storage = storage
        self.site = self.cleanup.enter_context(self.site.beside(**storage.environment))
        self.cleanup.callback(self.act, "manage('expire_images')")
        self.cleanup.callback(self.act, f"age({self.title!r}, 'ready_at', 10_000)")

    def file_count(self) -> int:
        """Return how many images are stored."""
        folders = {f"images/{uuid.UUID(str(pk))}" for (pk,) in self.rows("b.id")}
        if self.storage:
            return sum(name.rpartition("/")[0] in folders for name in self.storage.names())
        return sum(path.is_file() for folder in folders for path in (self.media / folder).glob("*"))

    @property
    def media(self) -> Path:
        return Path(self.site.environment["MEDIA_ROOT"])

    # What scenarios do

    def act(self, call: str) -> str:
        """Run a function of `tests.engine.acts` inside the site."""
        return self.site.inside.run(call)

    def submit(self, *lists: Iterable[str], email: str = "") -> None:
        """Submit one batch for each list of prompts, which get the title in front."""
        titled = [[f"{self.title} {text}" for text in prompts] for prompts in lists]
        self.act(f"submit({email or self.email!r}, {self.title!r}, {titled!r})")
        self.prompt_count += sum(map(len, titled))

    def submit_numbered(self, batch_count: int, prompt_count: int) -> None:
        self.submit(*([f"b{b} p{p}" for p in range(prompt_count)] for b in range(batch_count)))

    def start_workers(self, count: int) -> None:
        for number in range(1, count + 1):
            self.start_worker(f"worker-{number}")

    def start_worker(self, name: str, folder: Path = ROOT, **environment: str) -> Process:
        """Start a worker. Each process has a URL of the upstream of its own, so that its calls are known."""
        self.workers.add(name)
        url = self.upstream.url_for(f"{name}-{next(_worker_numbers)}")
        environment = {"LEASE_SECONDS": f"{LEASE_SECONDS:g}", "OPENAI_BASE_URL": url, **environment}
        return self.site.start_worker(f"--concurrency={self.concurrency}", name=name, folder=folder, **environment)

    def calls_of(self, name: str) -> set[str]:
        """Return the prompts that a worker has in flight, or has not booked yet."""
        caller = _caller(self.site.processes[name])
        return {call.prompt for call in self.upstream.calls if call.caller == caller} & self.texts("generating")

    def kill_worker(self, name: str) -> None:
        worker = self.site.processes[name]
        # Stopped first, so that no call begins or ends between counting and killing.
        worker.send(signal.SIGSTOP)
        texts = self.texts("generating")
        worker.kill9()
        self.kills += 1
        # Which of them were this worker's is known later: the upstream may not have read a call yet.
        self._cuts.append((_caller(worker), texts))

    def kill_any_worker(self) -> None:
        self.kill_worker(random.choice(sorted(self.workers)))

    # Waiting

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait, and meanwhile restart what has ended and resume what is on hold, as a supervisor and an operator do."""
        ends_at = time.monotonic() + _LIMIT_SECONDS
        while not condition():
            if time.monotonic() > ends_at:
                raise TimeoutError(f"{what}: {dict(self.outcomes())}\n{self.site.logs()}")
            for name in self.workers:
                if not self.site.processes[name].is_running():
                    self.start_worker(name)
            if time.monotonic() - self._resumed_at > 2:
                self._resumed_at = time.monotonic()
                self.act(f"end_holds({self.title!r})")
            time.sleep(0.1)

    def wait_for_ended(self, count: int) -> None:
        self.wait(lambda: len(self.rows("p.id", _ENDED)) >= count, f"{count} prompts have not ended")

    def wait_until_finished(self) -> None:
        self.wait(lambda: not self.rows("p.id", f"NOT {_ENDED}"), "not all prompts have ended")

    # What is in the database

    def rows(self, columns: str, condition: str = "TRUE") -> list[tuple[object, ...]]:
        """Return columns of this trial's prompts `p` and their batches `b`."""
        joined = "batches_prompt p JOIN batches_batch b ON b.id = p.batch_id"
        return self.site.query(f"SELECT {columns} FROM {joined} WHERE b.title = '{self.title}' AND {condition}")

    def texts(self, status: str) -> set[str]:
        return {str(text) for (text,) in self.rows("p.text", f"p.status = '{status}'")}

    def outcomes(self) -> Counter[str]:
        return Counter(f"{status} {code}".strip() for status, code in self.rows("p.status, p.error_code"))

    def count(self, source: str) -> int:
        return int(self.site.query(f"SELECT COUNT(*) FROM {source}")[0][0])

    def cut_calls(self) -> int:
        """Return how many calls were in flight at the kills, or answered and not booked yet."""
        calls = {(call.caller, call.prompt) for call in self.upstream.calls}
        return sum((caller, text) in calls for caller, texts in self._cuts for text in texts)


def _caller(worker: Process) -> str:
    return worker.environment["OPENAI_BASE_URL"].split("/")[-2]
