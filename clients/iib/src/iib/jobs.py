"""The state of a folder's batch, `.iib.json`, so that continuing costs nothing twice."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    until the site has returned it.
    """

    url: str
    key_id: str
    order: dict[str, Any]
    idempotency_key: str
    batch_id: str = ""

    def save(self, folder: Path) -> None:
        content = {"version": _VERSION, **asdict(self)}
        write_atomically(folder / STATE_FILE, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def is_for(self, order: Mapping[str, Any]) -> bool:
        return self.order == order


def new(url: str, key_id: str, order: dict[str, Any]) -> Job:
    return Job(url, key_id, order, str(uuid.uuid4()))


def load(folder: Path) -> Job | None:
    """Return the folder's job, or None; raises `UsageFailure` if its file can't be read."""
    file = folder / STATE_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content.pop("version") != _VERSION:
            raise UsageFailure(f"{file} is of another version of iib.")
        return Job(**content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageFailure(f"{file} is damaged. Look for the batch on the site; --new starts another.") from error


def forget(folder: Path) -> None:
    """Remove the folder's job after the site has refused the order."""
    (folder / STATE_FILE).unlink(missing_ok=True)
