"""The state of a folder's batch, `.iib.json`, so that continuing costs nothing twice."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from iib.failures import UsageFailure
from iib.files import write_atomically

STATE_FILE = ".iib.json"
_VERSION = 1


@dataclass
class Job:
    """An order. It is saved with its Idempotency-Key before the first request that costs credits.

    `key_id` is the public part of the API key: the site recognises a repeated order by both keys. `batch_id` is empty
    until the site has returned it. `photos` are the SHA-256 of the files whose ids are in the order.
    """

    url: str
    key_id: str
    order: dict[str, Any]
    idempotency_key: str
    batch_id: str = ""
    photos: list[str] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        content = {"version": _VERSION, **asdict(self)}
        write_atomically(folder / STATE_FILE, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def is_for(self, order: Mapping[str, Any], photos: Sequence[str]) -> bool:
        mine = {name: value for name, value in self.order.items() if name != "references"}
        return mine == order and self.photos == list(photos)


def new(url: str, key_id: str, order: dict[str, Any], photos: list[str]) -> Job:
    return Job(url, key_id, order, str(uuid.uuid4()), photos=photos)


def load(folder: Path) -> Job | None:
    """Return the folder's job, or None; raises `UsageFailure` if its file can't be read."""
    file = folder / STATE_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content.pop("version") != _VERSION:
            raise UsageFailure(f"{file} was written by another version of iib.")
        return Job(**content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageFailure(f"{file} is damaged. Look for the batch on the site; --new starts another.") from error


def exists(folder: Path) -> bool:
    """Return whether the folder has a job, even one that can't be read."""
    return (folder / STATE_FILE).exists()


def forget(folder: Path) -> None:
    """Remove the folder's job after the site has refused the order."""
    (folder / STATE_FILE).unlink(missing_ok=True)
