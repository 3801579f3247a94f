"""The stand-in's own file, so that a restart of the sandbox keeps customers and subscriptions."""

import atexit
import json
import logging
import threading
import time
from pathlib import Path

from sandbox import environment

from .stand_in import STRIPE

TICK_SECONDS = 1.0

logger = logging.getLogger(__name__)
_started = threading.Event()
_start_lock = threading.Lock()


def start_saving() -> None:
    """Once for each process: load the file, then keep clock and file going from a thread."""
    if _started.is_set():
        return
    with _start_lock:
        if _started.is_set():
            return
        path = environment.stripe_file()
        if path is not None and path.exists():
            load(path)
        if path is not None:
            atexit.register(save, path)
        threading.Thread(target=_tick, args=[path], name="stripe-clock", daemon=True).start()
        _started.set()


def load(path: Path) -> None:
    """Take over a file; one that cannot be read is put aside, and the stand-in begins anew."""
    try:
        STRIPE.load(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError):
        logger.exception("%s is no file of the sandbox's Stripe; beginning anew", path)
        path.replace(path.with_suffix(".unreadable"))
        STRIPE.reset()


def save(path: Path) -> None:
    """Write everything, in one step for whoever reads."""
    with STRIPE.store.lock:
        content = json.dumps(STRIPE.dump())
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(content)
    draft.replace(path)


def _tick(path: Path | None) -> None:
    saved_at = 0.0
    while True:
        time.sleep(TICK_SECONDS)
        with STRIPE.store.lock:
            STRIPE.catch_up()
        if path is not None and STRIPE.changed_at > saved_at:
            saved_at = time.monotonic()
            save(path)
