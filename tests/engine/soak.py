"""`make soak`: a long run on MariaDB and Redis, while workers and servers are killed and the image service misbehaves.

python -m tests.engine.soak [--kills 40] [--prompts 1200] [--minutes 15]
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
import requests

from tests.databases import missing
from tests.engine.hostile import KINDS, HostileUpstream, hostile_upstream
from tests.processes import Process
from tests.servers import Stack, stack

BATCHES = 30
#: Submitted by a program while the web server is killed.
SENT_BY_PROGRAM = 5
WORKERS = ("worker", "worker-2")
TITLE = "soak"
EMAIL = "soak@example.org"
SECONDS_PER_IMAGE = 1.0
OUTAGE_SECONDS = 15
#: For so long a batch is on hold for the storage before it is checked again.
STORAGE_PAUSE = timedelta(seconds=30)
DISK_MB = 512
ENDED = "status IN ('ready', 'failed')"


@dataclass
class Soak:
    """The site under test, and what was done to it."""

    site: Stack
    upstream: HostileUpstream
    disk: Path | None
    ends_at: float
    kills: int = 0
    cut_calls: int = 0
    done: list[str] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    resumed_at: float = 0.0

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait, and meanwhile restart what has ended and resume what is on hold, as a supervisor and an operator do."""
        while not condition():
            if time.monotonic() > self.ends_at:
                raise TimeoutError(what)
            for name in WORKERS:
                if not self.site.processes[name].is_running():
                    self.start_worker(name)
            if time.monotonic() - self.resumed_at > 2:
                self.resumed_at = time.monotonic()
                self.loads.append(os.getloadavg()[0])
                self.site.inside.run(f"end_holds({TITLE!r})")
            time.sleep(0.1)

    def start_worker(self, name: str) -> None:
        self.site.start_worker("--concurrency=40", name=name, LEASE_SECONDS="4")

    def count(self, condition: str) -> int:
        rows = self.site.query(f"SELECT COUNT(*) FROM batches_prompt WHERE {condition}")
        return int(rows[0][0])

    def wait_for_ended(self, count: int) -> None:
        self.wait(lambda: self.count(ENDED) >= count, f"{count} prompts ended")

    def kill_worker(self) -> None:
        worker = self.site.processes[random.choice(WORKERS)]
        time.sleep(random.uniform(0, 0.5))
        # Stopped first, so that no call begins or ends between counting and killing.
        worker.send(signal.SIGSTOP)
        with suppress(psutil.NoSuchProcess):
            open_to = [each.raddr.port for each in psutil.Process(worker.pid).net_connections() if each.raddr]
            self.cut_calls += open_to.count(self.upstream.server_port)
        worker.kill9()
        self.kills += 1

    def kill_database(self) -> None:
        assert self.site.database
        self.site.database.process.kill9()
        time.sleep(OUTAGE_SECONDS)
        self.site.database.start()

    def kill_broker(self) -> None:
        assert self.site.broker
        self.site.broker.process.kill9()
        time.sleep(OUTAGE_SECONDS)
        self.site.broker.start()

    def kill_web(self) -> None:
        """Kill the web server three times while a program submits; each batch must be made once."""
        file = self.site.directory / "key"
        self.site.inside.run(f"write_key({EMAIL!r}, {str(file)!r})")
        program = threading.Thread(target=_submit_by_program, args=(self.site.url, file.read_text()))
        program.start()
        for _ in range(3):
            time.sleep(random.uniform(0.2, 0.8))
            self.site.web.kill9()
            self.site.start_web()
        program.join()

    def fill_disk(self) -> None:
        assert self.disk
        filler = self.disk / "filler"
        with suppress(OSError):
            filler.write_bytes(bytes(2 * DISK_MB * 1024 * 1024))
        try:
            self._wait_for_storage_hold("the disk is full")
        finally:
            filler.unlink()

    def take_storage_away(self) -> None:
        media, elsewhere = (self.site.directory / "disk" / name for name in ("media", "elsewhere"))
        media.rename(elsewhere)
        media.touch()
        try:
            self._wait_for_storage_hold("the storage is away")
        finally:
            media.unlink()
            elsewhere.rename(media)

    def _wait_for_storage_hold(self, why: str) -> None:
        """Wait until a batch is on hold for the storage, or stays on hold for it, from now on."""
        held = (
            "SELECT COUNT(*) FROM batches_batch WHERE status = 'waiting' AND waiting_reason = 'storage' "
            f"AND resume_at > '{self.site.query('SELECT UTC_TIMESTAMP(6)')[0][0] + STORAGE_PAUSE}'"
        )
        self.wait(lambda: self.site.query(held)[0][0], f"a batch on hold because {why}")

    # Results

    def faults(self) -> list[str]:
        """Return what is wrong at the end."""
        charged = self.site.query("SELECT COUNT(*) FROM billing_ledgerentry WHERE kind = 'image'")[0][0]
        files = [path for path in (self.site.directory / "disk/media/images").rglob("*") if path.is_file()]
        ready = self.count("status = 'ready'")
        repeated = self.site.query(
            "SELECT batch_id, position FROM batches_batchevent WHERE position IS NOT NULL "
            "AND to_status IN ('ready', 'failed', 'cancelled') GROUP BY batch_id, position HAVING COUNT(*) > 1"
        )
        sent = self.site.query(f"SELECT COUNT(*) FROM batches_batch WHERE title = '{TITLE} by program'")[0][0]
        self.site.inside.run("prove()")
        checks = {
            f"{self.count(f'NOT {ENDED}')} prompts have not ended": self.count(f"NOT {ENDED}"),
            f"{len(repeated)} prompts ended more than once": repeated,
            f"{len(files)} files, {charged} charges and {ready} ready images": len({len(files), charged, ready}) > 1,
            # An answer may have been read, and its image not been stored yet.
            f"{self.surplus} surplus images, but {self.cut_calls} calls in flight at {self.kills} kills": self.surplus
            > self.cut_calls + self.kills,
            f"{sent} batches of a program that sent {SENT_BY_PROGRAM}": sent != SENT_BY_PROGRAM,
        }
        return [fault for fault, is_wrong in checks.items() if is_wrong]

    @property
    def surplus(self) -> int:
        """Images that were made and not delivered."""
        return self.upstream.images_made() - self.count("status = 'ready'")

    def report(self) -> Iterator[str]:
        rows = self.site.query("SELECT text, status, error_code FROM batches_prompt")
        outcomes = Counter(f"{status} {code}".strip() for _, status, code in rows)
        yield f"prompts: {len(rows)} ({', '.join(f'{count} {outcome}' for outcome, count in outcomes.most_common())})"
        yield f"kills of workers: {self.kills}; calls in flight at them: {self.cut_calls}; also: {', '.join(self.done)}"
        wrong = len(self.upstream.calls) - self.upstream.images_made()
        interrupted = self.site.query("SELECT COUNT(*) FROM batches_batchevent WHERE reason = 'interrupted'")[0][0]
        yield f"calls that were found interrupted, without an image on the disk: {interrupted}"
        yield f"calls: {len(self.upstream.calls)}, of them {wrong} answered wrongly; surplus images: {self.surplus}"
        lines = sum(len(process.log.read_text(errors="replace").splitlines()) for process in self._logged())
        yield f"log lines of workers and web: {lines}"
        yield f"machine: {os.cpu_count()} cores, load {min(self.loads):.1f} to {max(self.loads):.1f}"
        yield f"kinds of wrong answers: {len(KINDS)}"
        calls = Counter(call.prompt for call in self.upstream.calls)
        groups = defaultdict(list)
        for text, status, code in rows:
            if " kind " in text:
                ending = f"{status} {code}".strip() + f" after {calls[text]} calls"
                groups[ending].append(KINDS[int(text.rsplit(" ", 1)[1])])
        for ending, kinds in sorted(groups.items()):
            yield f"  {ending}: {', '.join(sorted(kinds))}"

    def _logged(self) -> list[Process]:
        return [self.site.processes[name] for name in ("web", *WORKERS)]


def _submit_by_program(url: str, key: str) -> None:
    for number in range(SENT_BY_PROGRAM):
        order = {"title": f"{TITLE} by program", "prompts": [f"program {number} {n}" for n in range(10)]}
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid.uuid4())}
        status = 0
        while status != 201:
            with suppress(requests.RequestException):
                status = requests.post(f"{url}/api/v1/batches", json=order, headers=headers, timeout=30).status_code
            time.sleep(0.3)


def _lists(prompt_count: int) -> list[list[str]]:
    """Return the prompts of each batch; each kind of wrong answer is that of one prompt."""
    texts = [f"prompt {number}" for number in range(prompt_count)]
    for kind in range(len(KINDS)):
        texts.insert(random.randrange(len(texts)), f"prompt kind {kind}")
    return [texts[number::BATCHES] for number in range(BATCHES)]


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a small file system, so that it can be filled; None where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run(soak: Soak, kills: int, prompts: int) -> None:
    events: dict[int, Callable[[], None]] = {
        round(kills * 0.15): soak.kill_web,
        round(kills * 0.3): soak.kill_database,
        round(kills * 0.45): soak.kill_broker,
        round(kills * 0.6): soak.take_storage_away,
    }
    if soak.disk:
        events[round(kills * 0.75)] = soak.fill_disk
    lists = _lists(prompts)
    total = sum(map(len, lists))
    soak.site.inside.run(f"submit({EMAIL!r}, {TITLE!r}, {lists!r})")
    for name in WORKERS:
        soak.start_worker(name)
    for number in range(kills):
        soak.wait_for_ended(round(total * (number + 1) / (kills + 2)))
        if act := events.get(number):
            print(f"{time.strftime('%H:%M:%S')} {act.__name__}", flush=True)
            act()
            soak.done.append(act.__name__.replace("_", " "))
        soak.kill_worker()
    soak.wait(lambda: not soak.count(f"NOT {ENDED}"), "all prompts ended")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--prompts", type=int, default=1200)
    parser.add_argument("--minutes", type=float, default=15)
    options = parser.parse_args(arguments)
    if lacking := [*filter(None, map(missing, ("mariadb", "redis")))]:
        parser.error("; ".join(lacking))
    began_at = time.monotonic()
    with ExitStack() as cleanup:
        upstream = cleanup.enter_context(hostile_upstream(SECONDS_PER_IMAGE))
        site = cleanup.enter_context(stack("production", OPENAI_BASE_URL=upstream.url))
        disk = cleanup.enter_context(_small_disk(site.directory / "disk"))
        site.environment["MEDIA_ROOT"] = str(site.directory / "disk/media")
        (site.directory / "disk/media").mkdir()
        site.start("web")
        soak = Soak(site, upstream, disk, began_at + 60 * options.minutes)
        try:
            run(soak, options.kills, options.prompts)
            faults = soak.faults()
        except TimeoutError as late:
            faults = [f"not in time: {late}"]
        print(f"\nsoak: {time.monotonic() - began_at:.0f} s", *soak.report(), sep="\n")
    print(
        *(f"FAULT: {fault}" for fault in faults) if faults else ["Each prompt ended once; the ledger is right."],
        sep="\n",
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
