"""The stand-in's objects, in memory and under one lock."""

import heapq
import secrets
import string
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

Obj = dict[str, Any]

# The whole file is written anew after each change.
SAVED_EVENTS = 2_000
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An id as Stripe makes them, such as cus_N5fUUduORoQ7Pw41PJqDWkIV."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


class Store:
    """All objects by kind and id, data about them that the API does not show, and what is scheduled.

    Callers hold `lock` for as long as they read or change anything.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        self.tables: dict[str, dict[str, Obj]] = defaultdict(dict)
        self._hidden: dict[str, Obj] = defaultdict(dict)
        self._schedule: list[tuple[int, int, str, str]] = []
        self._scheduled_count = 0

    def add(self, obj: Obj) -> Obj:
        self.tables[obj["object"]][obj["id"]] = obj
        return obj

    def find(self, kind: str, object_id: str) -> Obj | None:
        """The object itself, not a copy; None if there is none."""
        return self.tables[kind].get(object_id)

    def by_id(self, object_id: str) -> Obj | None:
        """The object of that id, whatever its kind; a list inside another object has none."""
        return next((table[object_id] for table in self.tables.values() if object_id in table), None)

    def remove(self, obj: Obj) -> None:
        self.tables[obj["object"]].pop(obj["id"], None)

    def hidden(self, object_id: str) -> Obj:
        """Data about an object that the API does not show."""
        return self._hidden[object_id]

    def schedule(self, moment: int, verb: str, object_id: str) -> None:
        """Schedule `verb` for an object."""
        self._scheduled_count += 1
        heapq.heappush(self._schedule, (moment, self._scheduled_count, verb, object_id))

    def take_due(self, moment: int, is_wanted: Callable[[str], bool]) -> tuple[int, str, str] | None:
        """Take the first entry for a wanted object that is due by a moment: its time, its verb, its object."""
        if not self._schedule or self._schedule[0][0] > moment:
            return None
        due = [entry for entry in self._schedule if entry[0] <= moment and is_wanted(entry[3])]
        if not due:
            return None
        first = min(due)
        self._schedule.remove(first)
        heapq.heapify(self._schedule)
        due_at, _, verb, object_id = first
        return due_at, verb, object_id

    def dump(self) -> Obj:
        """Everything but old events, as JSON."""
        tables = {kind: list(table.values()) for kind, table in self.tables.items()}
        tables["event"] = tables.get("event", [])[-SAVED_EVENTS:]
        return {"tables": tables, "hidden": dict(self._hidden), "schedule": self._schedule}

    def load(self, dumped: Obj) -> None:
        self.clear()
        for objects in dumped["tables"].values():
            for obj in objects:
                self.add(obj)
        self._hidden.update(dumped["hidden"])
        for moment, _, verb, object_id in sorted(dumped["schedule"]):
            self.schedule(moment, verb, object_id)
