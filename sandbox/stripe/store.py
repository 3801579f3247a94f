"""Where the stand-in keeps its objects: in memory, under one lock, and in a file of its own if it is given one."""

import heapq
import secrets
import string
import threading
from collections import defaultdict
from typing import Any

Obj = dict[str, Any]

# The whole file is written anew after each change.
SAVED_EVENTS = 2_000
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An id as Stripe makes them, such as cus_N5fUUduORoQ7Pw41PJqDWkIV."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


class Store:
    """All objects by kind and id, what is not shown of them, and what is to happen later.

    Callers hold `lock` for as long as they read or change anything.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.tables: dict[str, dict[str, Obj]] = defaultdict(dict)
        self._hidden: dict[str, Obj] = defaultdict(dict)
        self._schedule: list[tuple[int, int, str, str]] = []
        self._scheduled_count = 0

    def add(self, obj: Obj) -> Obj:
        """Keep an object under its own kind and id."""
        self.tables[obj["object"]][obj["id"]] = obj
        return obj

    def find(self, kind: str, object_id: str) -> Obj | None:
        """The object itself, not a copy; None when there is none."""
        return self.tables[kind].get(object_id)

    def by_id(self, object_id: str) -> Obj | None:
        """The object of that id, whatever its kind; a list inside another object has none."""
        return next((table[object_id] for table in self.tables.values() if object_id in table), None)

    def remove(self, obj: Obj) -> None:
        """Forget one object."""
        self.tables[obj["object"]].pop(obj["id"], None)

    def hidden(self, object_id: str) -> Obj:
        """What the stand-in knows about an object and Stripe's API does not show."""
        return self._hidden[object_id]

    def schedule(self, moment: int, verb: str, object_id: str) -> None:
        """Have `verb` done to an object at a moment, at the earliest."""
        self._scheduled_count += 1
        heapq.heappush(self._schedule, (moment, self._scheduled_count, verb, object_id))

    def take_due(self, moment: int) -> tuple[int, str, str] | None:
        """The first thing that is due by a moment, taken off the list: when, what, to which object."""
        if not self._schedule or self._schedule[0][0] > moment:
            return None
        due_at, _, verb, object_id = heapq.heappop(self._schedule)
        return due_at, verb, object_id

    def dump(self) -> Obj:
        """Everything but old events, as JSON knows it."""
        tables = {kind: list(table.values()) for kind, table in self.tables.items()}
        tables["event"] = tables.get("event", [])[-SAVED_EVENTS:]
        return {"tables": tables, "hidden": dict(self._hidden), "schedule": self._schedule}

    def load(self, dumped: Obj) -> None:
        """Take over what `dump` gave."""
        self.clear()
        for objects in dumped["tables"].values():
            for obj in objects:
                self.add(obj)
        self._hidden.update(dumped["hidden"])
        for moment, _, verb, object_id in sorted(dumped["schedule"]):
            self.schedule(moment, verb, object_id)
