"""TCP ports for the servers of tests, each given to one process only."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

HOST = "127.0.0.1"
# Below the range from which Linux takes the ports of outgoing connections (32768 and up): one of those could take a
# port between the moment it is chosen and the moment its server listens.
RANGE = range(12_000, 32_000)
TRIES = 1_000
_locks: list[int] = []


def free_port(neighbours: int = 0) -> int:
    """Return a port of the loopback address that nobody listens on, nor on the next `neighbours` ports.

    They are this process's until it ends, so that tests side by side never get the same; RuntimeError when all are
    taken.
    """
    for _ in range(TRIES):
        first = random.choice(RANGE[: len(RANGE) - neighbours])
        if all(_is_ours(port) for port in range(first, first + neighbours + 1)):
            return first
    raise RuntimeError(f"no free port among {TRIES} tried")


def _is_ours(port: int) -> bool:
    return _lock(port) and _is_silent(port)


def _lock(port: int) -> bool:
    """Take the port's lock file; the kernel gives it back when the process ends, however it ends."""
    directory = Path(tempfile.gettempdir()) / f"iib-ports-{os.getuid()}"
    directory.mkdir(exist_ok=True)
    # Closed in children (PEP 446), so that one which outlives us does not keep it.
    lock = os.open(directory / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _locks.append(lock)
    return True


def _is_silent(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that connections which have just ended there are no reason against it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
