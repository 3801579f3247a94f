"""The stand-in's file: customers and subscriptions survive a restart."""

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
    """Once per process: load the file, then run the clock and write the file from a thread."""
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
    """Load a file. One that cannot be read is renamed, and the stand-in starts empty."""
    try:
        STRIPE.load(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError):
        logger.exception("%s cannot be read as a file of the sandbox's Stripe; starting empty", path)
        path.replace(path.with_suffix(".unreadable"))
        STRIPE.reset()


def save(path: Path) -> None:
    """Write everything, atomically."""
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
