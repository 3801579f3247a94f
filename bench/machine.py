"""Facts about the machine that measured the numbers."""

import os
import platform
import sqlite3
import time
from importlib.metadata import version
from pathlib import Path

import psutil


def facts() -> dict[str, object]:
    """Return what the numbers depend on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("django", "celery", "kombu", "requests", "openai", "pillow")},
    }


def loop_ms() -> float:
    """Return the CPU time of two million additions in milliseconds.

    A machine that shares its cores is not always equally fast: don't compare numbers measured at 70 and 130 ms.
    """
    total, started_at = 0, time.thread_time()
    for number in range(2_000_000):
        total += number
    return (time.thread_time() - started_at) * 1000


def stolen_seconds() -> float:
    """Return the CPU time since boot that the host gave to others while a process here was ready to run.

    Linux counts it; elsewhere it is 0.
    """
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
