"""A customer's data as one ZIP, streamed: never whole in memory or on the disk."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from zipfile import ZIP_DEFLATED

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from zipstream import ZipStream

from accounts.models import User
from privacy.export.tables import files_of, prompts_of, tables_of

_CHUNK_BYTES = 256 * 1024
#: A download whose process has died blocks the next one for this long.
_LOCK_SECONDS = 900


class UnderWay(Exception):
    """Another download of the same customer is running; each holds a thread of the web server."""


class Export:
    """The chunks of a ZIP, to be sent once. Raises `UnderWay`."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._lock = f"privacy:export:{user.pk}"
        if not cache.add(self._lock, True, _LOCK_SECONDS):
            raise UnderWay
        self._readme = render_to_string("privacy/export/README.txt", {"user": user}).encode()

    def __iter__(self) -> Iterator[bytes]:
        stream = ZipStream(compress_type=ZIP_DEFLATED)
        stream.add(self._readme, "README.txt")
        for table in tables_of(self._user):
            stream.add(_as_json(table), f"{table.name}.json")
        stream.add(_as_json(prompts_of(self._user)), "prompts.json")
        yield from stream.all_files()
        for name, path in files_of(self._user):
            # The server may delete it during the download.
            with suppress(FileNotFoundError), default_storage.open(path) as file:
                stream.add(iter(partial(file.read, _CHUNK_BYTES), b""), name)
                yield from stream.all_files()
        yield from stream.finalize()

    def close(self) -> None:
        """Also called if the download was cancelled."""
        cache.delete(self._lock)


def _as_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    separator = "["
    for row in rows:
        yield (separator + "\n" + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)).encode()
        separator = ","
    yield b"\n]\n" if separator == "," else b"[]\n"
